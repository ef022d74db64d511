-- The tables of the existing VetChart server as it made them, before any migration of ours.
CREATE TABLE "User" ("id" TEXT NOT NULL, "email" TEXT NOT NULL, "username" TEXT NOT NULL, "firstName" TEXT NOT NULL,
    "lastName" TEXT NOT NULL, "password" TEXT NOT NULL, "roles" TEXT[],
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "User_pkey" PRIMARY KEY ("id"));
CREATE TABLE "Owner" ("id" TEXT NOT NULL, "firstName" TEXT NOT NULL, "lastName" TEXT NOT NULL, "email" TEXT NOT NULL,
    "phone" TEXT NOT NULL, "address" TEXT NOT NULL, "notes" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "Owner_pkey" PRIMARY KEY ("id"));
CREATE TABLE "Patient" ("id" TEXT NOT NULL, "name" TEXT NOT NULL, "species" TEXT NOT NULL, "breed" TEXT NOT NULL,
    "age" INTEGER NOT NULL, "gender" TEXT NOT NULL, "weight" DOUBLE PRECISION NOT NULL, "weightUnit" TEXT DEFAULT 'lbs',
    "status" TEXT NOT NULL DEFAULT 'active', "assignedDoctor" TEXT, "handlingDifficulty" TEXT, "ownerId" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "Patient_pkey" PRIMARY KEY ("id"));
CREATE TABLE "MedicalRecord" ("id" TEXT NOT NULL, "patientId" TEXT NOT NULL, "visitDate" TIMESTAMP(3) NOT NULL,
    "recordType" TEXT NOT NULL DEFAULT 'treatment', "symptoms" TEXT NOT NULL, "diagnosis" TEXT NOT NULL,
    "treatment" TEXT NOT NULL, "notes" TEXT, "veterinarian" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "MedicalRecord_pkey" PRIMARY KEY ("id"));
CREATE TABLE "Appointment" ("id" TEXT NOT NULL, "patientId" TEXT NOT NULL, "date" TIMESTAMP(3) NOT NULL,
    "time" TEXT NOT NULL, "duration" INTEGER NOT NULL, "reason" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'scheduled', "notes" TEXT, "veterinarian" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "Appointment_pkey" PRIMARY KEY ("id"));
CREATE TABLE "Bill" ("id" TEXT NOT NULL, "billNumber" TEXT NOT NULL, "ownerId" TEXT NOT NULL, "patientId" TEXT NOT NULL,
    "appointmentId" TEXT, "medicalRecordIds" TEXT[], "items" JSONB NOT NULL, "subtotal" DOUBLE PRECISION NOT NULL,
    "tax" DOUBLE PRECISION NOT NULL, "totalAmount" DOUBLE PRECISION NOT NULL, "status" TEXT NOT NULL DEFAULT 'draft',
    "billDate" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "dueDate" TIMESTAMP(3) NOT NULL, "notes" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "Bill_pkey" PRIMARY KEY ("id"));
CREATE TABLE "_prisma_migrations" ("id" VARCHAR(36) NOT NULL PRIMARY KEY, "migration_name" VARCHAR(255) NOT NULL);
INSERT INTO "_prisma_migrations" VALUES ('5f1cbb5e-21c6-4b2e-8c7f-3b1a86a9d001', '20250106080000_init');
CREATE UNIQUE INDEX "User_email_key" ON "User" ("email");
CREATE UNIQUE INDEX "User_username_key" ON "User" ("username");
CREATE UNIQUE INDEX "Owner_email_key" ON "Owner" ("email");
CREATE UNIQUE INDEX "Bill_billNumber_key" ON "Bill" ("billNumber");
ALTER TABLE "Patient" ADD CONSTRAINT "Patient_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "Owner" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "MedicalRecord" ADD CONSTRAINT "MedicalRecord_patientId_fkey" FOREIGN KEY ("patientId")
    REFERENCES "Patient" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Appointment" ADD CONSTRAINT "Appointment_patientId_fkey" FOREIGN KEY ("patientId")
    REFERENCES "Patient" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Bill" ADD CONSTRAINT "Bill_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "Owner" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Bill" ADD CONSTRAINT "Bill_patientId_fkey" FOREIGN KEY ("patientId") REFERENCES "Patient" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Bill" ADD CONSTRAINT "Bill_appointmentId_fkey" FOREIGN KEY ("appointmentId")
    REFERENCES "Appointment" ("id") ON DELETE SET NULL ON UPDATE CASCADE;
