-- The tables of the existing VetChart server, as it leaves them: the demo and the migration tests start from these.
-- No enum types, no CHECKs, no indexes but the primary keys and the four unique ones; owners cascade to everything.

CREATE TABLE "User" (
    id text NOT NULL,
    email text NOT NULL,
    username text NOT NULL,
    "firstName" text NOT NULL,
    "lastName" text NOT NULL,
    password text NOT NULL,
    roles text[],
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "User_pkey" PRIMARY KEY (id)
);

CREATE TABLE "Owner" (
    id text NOT NULL,
    "firstName" text NOT NULL,
    "lastName" text NOT NULL,
    email text NOT NULL,
    phone text NOT NULL,
    address text NOT NULL,
    notes text,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "Owner_pkey" PRIMARY KEY (id)
);

CREATE TABLE "Patient" (
    id text NOT NULL,
    name text NOT NULL,
    species text NOT NULL,
    breed text NOT NULL,
    age integer NOT NULL,
    gender text NOT NULL,
    weight double precision NOT NULL,
    "weightUnit" text DEFAULT 'lbs',
    status text NOT NULL DEFAULT 'active',
    "assignedDoctor" text,
    "handlingDifficulty" text,
    "ownerId" text NOT NULL,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "Patient_pkey" PRIMARY KEY (id),
    CONSTRAINT "Patient_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "Owner" (id)
        ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "MedicalRecord" (
    id text NOT NULL,
    "patientId" text NOT NULL,
    "visitDate" timestamp(3) NOT NULL,
    "recordType" text NOT NULL DEFAULT 'treatment',
    symptoms text NOT NULL,
    diagnosis text NOT NULL,
    treatment text NOT NULL,
    notes text,
    veterinarian text NOT NULL,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "MedicalRecord_pkey" PRIMARY KEY (id),
    CONSTRAINT "MedicalRecord_patientId_fkey" FOREIGN KEY ("patientId") REFERENCES "Patient" (id)
        ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "Appointment" (
    id text NOT NULL,
    "patientId" text NOT NULL,
    date timestamp(3) NOT NULL,
    "time" text NOT NULL,
    duration integer NOT NULL,
    reason text NOT NULL,
    status text NOT NULL DEFAULT 'scheduled',
    notes text,
    veterinarian text NOT NULL,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "Appointment_pkey" PRIMARY KEY (id),
    CONSTRAINT "Appointment_patientId_fkey" FOREIGN KEY ("patientId") REFERENCES "Patient" (id)
        ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "Bill" (
    id text NOT NULL,
    "billNumber" text NOT NULL,
    "ownerId" text NOT NULL,
    "patientId" text NOT NULL,
    "appointmentId" text,
    "medicalRecordIds" text[],
    items jsonb NOT NULL,
    subtotal double precision NOT NULL,
    tax double precision NOT NULL,
    "totalAmount" double precision NOT NULL,
    status text NOT NULL DEFAULT 'draft',
    "billDate" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "dueDate" timestamp(3) NOT NULL,
    notes text,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "Bill_pkey" PRIMARY KEY (id),
    CONSTRAINT "Bill_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "Owner" (id)
        ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Bill_patientId_fkey" FOREIGN KEY ("patientId") REFERENCES "Patient" (id)
        ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Bill_appointmentId_fkey" FOREIGN KEY ("appointmentId") REFERENCES "Appointment" (id)
        ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "User_email_key" ON "User" (email);
CREATE UNIQUE INDEX "User_username_key" ON "User" (username);
CREATE UNIQUE INDEX "Owner_email_key" ON "Owner" (email);
CREATE UNIQUE INDEX "Bill_billNumber_key" ON "Bill" ("billNumber");
