// A small clinic that looks like one: owners with their animals, a few years of visits, today's appointments, bills.
import { dayFromNow as day } from './daemons.mjs';

const OWNERS = [
    ['Maria', 'Alvarez', '555 0101', 'maria.alvarez@mail.example', '12 Orchard Lane'],
    ['Jonas', 'Becker', '555 0102', 'jonas.becker@mail.example', '8 Mill Street'],
    ['Priya', 'Nair', '555 0103', 'priya.nair@mail.example', '41 Harbour Road'],
    ['Tom', 'Okafor', '555 0104', '', '3 Church Row'],
    ['Elena', 'Rossi', '555 0105', 'elena.rossi@mail.example', '77 Park Avenue'],
    ['Samuel', 'Wright', '555 0106', 'sam.wright@mail.example', '19 Station Road'],
];
const ANIMALS = [
    [0, 'Bella', 'Dog', 'Labrador Retriever', 'female', -1500, 28.4],
    [0, 'Mishka', 'Cat', 'Siberian', 'male', -800, 5.1],
    [1, 'Rex', 'Dog', 'German Shepherd', 'male', -2900, 36.2],
    [2, 'Luna', 'Cat', 'Domestic shorthair', 'female', -400, 3.9],
    [3, 'Clover', 'Rabbit', 'Dutch', 'female', -650, 2.1],
    [4, 'Figaro', 'Cat', 'European', 'male', -3900, 4.6],
    [5, 'Daisy', 'Dog', 'Beagle', 'female', -150, 7.8],
];
export const PRICES = [
    ['Consultation', 48],
    ['Rabies vaccination', 32.5],
    ['DHPP vaccination', 41],
    ['Dental cleaning', 185],
    ['Nail trim', 15],
    ['Blood panel', 96.4],
];
const APPOINTMENTS = [
    [0, '08:30', 30, 'Yearly check', 'Vera Lind', 'completed'],
    [2, '09:00', 45, 'Limping on the left front leg', 'Vera Lind', 'scheduled'],
    [3, '09:30', 20, 'Vaccination', 'Ada Moss', 'scheduled'],
    [4, '10:15', 30, 'Teeth', 'Vera Lind', 'scheduled'],
    [5, '11:00', 30, 'Weight check', 'Ada Moss', 'no-show'],
    [6, '14:00', 60, 'First visit', 'Vera Lind', 'scheduled'],
    [1, '14:30', 30, 'Skin', 'Vera Lind', 'scheduled'],
];

export async function seed(node) {
    const post = (path, body) => node.api('POST', path, body);
    const made = { owners: [], patients: [], bills: [] };
    for (const [firstName, lastName, phone, email, address] of OWNERS) {
        made.owners.push(await post('/api/owners', { firstName, lastName, phone, email, address }));
    }
    for (const [owner, name, species, breed, gender, born, weight] of ANIMALS) {
        made.patients.push(
            await post('/api/patients', {
                ownerId: made.owners[owner].id, name, species, breed, gender, weight, weightUnit: 'kg',
                birthDate: day(born), assignedDoctor: 'Vera Lind', microchip: `9850${1000000 - born}`,
            }),
        );
    }
    for (const [description, unitPrice] of PRICES) await post('/api/service-items', { description, unitPrice });
    const [bella, , rex] = made.patients;
    for (let i = 0; i < 9; i += 1) {
        const weight = Math.round((22 + i * 0.8 + (i % 3) * 0.3) * 10) / 10;
        await post('/api/records', {
            patientId: bella.id, visitDate: day(-1400 + i * 160), veterinarian: 'Vera Lind', weight, weightUnit: 'kg',
            recordType: i % 3 === 0 ? 'vaccine' : 'treatment',
            symptoms: i % 3 === 0 ? '' : 'Restless, scratches the left ear',
            diagnosis: i % 3 === 0 ? '' : 'Otitis externa',
            treatment: i % 3 === 0 ? (i === 3 ? 'DHPP' : 'Rabies') : 'Ear drops twice a day for seven days',
            nextDueOn: i % 3 === 0 ? day(-1400 + i * 160 + 365) : null,
        });
    }
    made.record = await post('/api/records', {
        patientId: rex.id, visitDate: day(-12), veterinarian: 'Vera Lind', recordType: 'dental',
        diagnosis: 'Tartar, second degree', treatment: 'Cleaning under sedation', weight: 36.2, weightUnit: 'kg',
    });
    for (const [index, time, duration, reason, veterinarian, status] of APPOINTMENTS) {
        await post('/api/appointments', {
            patientId: made.patients[index].id, date: day(0), time, duration, reason, veterinarian, status,
        });
    }
    for (const [index, status, due, items] of [
        [0, 'paid', -20, [[0, 1], [1, 1]]],
        [2, 'sent', -3, [[0, 1], [3, 1], [5, 1]]],
        [5, 'sent', 14, [[0, 1], [4, 2]]],
        [6, 'draft', 30, [[0, 1]]],
    ]) {
        const patient = made.patients[index];
        const lines = items.map(([price, quantity]) => ({
            description: PRICES[price][0], quantity, unitPrice: PRICES[price][1],
            totalPrice: Math.round(PRICES[price][1] * quantity * 100) / 100,
        }));
        const subtotal = Math.round(lines.reduce((sum, line) => sum + line.totalPrice, 0) * 100) / 100;
        made.bills.push(
            await post('/api/bills', {
                ownerId: patient.ownerId, patientId: patient.id, items: lines, subtotal, tax: 0, totalAmount: subtotal,
                status, billDate: day(due - 14), dueDate: day(due),
            }),
        );
    }
    return made;
}
