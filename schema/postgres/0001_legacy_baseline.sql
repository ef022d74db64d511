-- Phase 1: the legacy baseline. The tables of the existing VetChart server, created only where absent, so that an
-- empty database and a live legacy one walk the same path from here on. The migration's own books come first.

CREATE TABLE schema_migration (
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    CONSTRAINT schema_migration_pkey PRIMARY KEY (number)
);

-- Which new id a legacy row has. Table names are the legacy ones ("Owner").
CREATE TABLE legacy_id (
    table_name text NOT NULL,
    legacy_id text NOT NULL,
    id uuid NOT NULL,
    CONSTRAINT legacy_id_pkey PRIMARY KEY (table_name, legacy_id)
);
CREATE INDEX legacy_id_id_idx ON legacy_id (id);

-- Each repair of a legacy value: where it stood (legacy names), what it was, what it became.
CREATE TABLE migration_issue (
    id bigint GENERATED ALWAYS AS IDENTITY,
    table_name text NOT NULL,
    legacy_id text NOT NULL,
    column_name text NOT NULL,
    original text,
    outcome text NOT NULL,
    phase integer NOT NULL,
    at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    CONSTRAINT migration_issue_pkey PRIMARY KEY (id)
);

-- A legacy database is one that has a legacy table, even an empty one: only it gets a clinic of its own (phase 8).
SELECT set_config('vetchart.legacy', CASE WHEN EXISTS (
        SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
           AND relname IN ('User', 'Owner', 'Patient', 'MedicalRecord', 'Appointment', 'Bill'))
    THEN 'on' ELSE 'off' END, true);

CREATE TABLE IF NOT EXISTS "User" (
    "id" text NOT NULL,
    "email" text NOT NULL,
    "username" text NOT NULL,
    "firstName" text NOT NULL,
    "lastName" text NOT NULL,
    "password" text NOT NULL,
    "roles" text[],
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "Owner" (
    "id" text NOT NULL,
    "firstName" text NOT NULL,
    "lastName" text NOT NULL,
    "email" text NOT NULL,
    "phone" text NOT NULL,
    "address" text NOT NULL,
    "notes" text,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "Owner_pkey" PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "Patient" (
    "id" text NOT NULL,
    "name" text NOT NULL,
    "species" text NOT NULL,
    "breed" text NOT NULL,
    "age" integer NOT NULL,
    "gender" text NOT NULL,
    "weight" double precision NOT NULL,
    "weightUnit" text DEFAULT 'lbs',
    "status" text NOT NULL DEFAULT 'active',
    "assignedDoctor" text,
    "handlingDifficulty" text,
    "ownerId" text NOT NULL,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "Patient_pkey" PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "MedicalRecord" (
    "id" text NOT NULL,
    "patientId" text NOT NULL,
    "visitDate" timestamp(3) NOT NULL,
    "recordType" text NOT NULL DEFAULT 'treatment',
    "symptoms" text NOT NULL,
    "diagnosis" text NOT NULL,
    "treatment" text NOT NULL,
    "notes" text,
    "veterinarian" text NOT NULL,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "MedicalRecord_pkey" PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "Appointment" (
    "id" text NOT NULL,
    "patientId" text NOT NULL,
    "date" timestamp(3) NOT NULL,
    "time" text NOT NULL,
    "duration" integer NOT NULL,
    "reason" text NOT NULL,
    "status" text NOT NULL DEFAULT 'scheduled',
    "notes" text,
    "veterinarian" text NOT NULL,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "Appointment_pkey" PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "Bill" (
    "id" text NOT NULL,
    "billNumber" text NOT NULL,
    "ownerId" text NOT NULL,
    "patientId" text NOT NULL,
    "appointmentId" text,
    "medicalRecordIds" text[],
    "items" jsonb NOT NULL,
    "subtotal" double precision NOT NULL,
    "tax" double precision NOT NULL,
    "totalAmount" double precision NOT NULL,
    "status" text NOT NULL DEFAULT 'draft',
    "billDate" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "dueDate" timestamp(3) NOT NULL,
    "notes" text,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    CONSTRAINT "Bill_pkey" PRIMARY KEY ("id")
);

-- Whoever still runs the old server waits here, not between two phases.
LOCK TABLE "User", "Owner", "Patient", "MedicalRecord", "Appointment", "Bill" IN ACCESS EXCLUSIVE MODE;
