// A full day of a large clinic: 74 visits of a quarter of an hour with four veterinarians, and a lighter day beside it.
import { dayFromNow } from './daemons.mjs';

export const VETS = ['Vera Lind', 'Ada Moss', 'Bartholomäus Schöngruber', 'José Luis Fernández'];
export const VISITS = 74;
const NAMES = ['Bella', 'Rex', 'Luna', 'Figaro', 'Clover', 'Daisy', 'Mishka', 'Balou', 'Nala', 'Simba', 'Flocke', 'Canela'];
const REASONS = ['Vaccination', 'Limping on the left front leg since the weekend', 'Yearly check', 'Teeth', 'Skin', 'Weight check'];
const MINUTES = 15;
const OPENS = 8 * 60;
const timeAt = (index) => {
    const minutes = OPENS + index * MINUTES;
    return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
};

export async function fillDay(node) {
    const post = (path, body) => node.api('POST', path, body);
    const owners = [];
    const patients = [];
    for (let i = 0; i < NAMES.length; i += 1) {
        const owner = await post('/api/owners', { firstName: 'Maximiliane', lastName: `Obermüller-${i + 1}`, phone: `555 02${10 + i}` });
        owners.push(owner);
        patients.push(await post('/api/patients', { ownerId: owner.id, name: NAMES[i], species: i % 2 ? 'Cat' : 'Dog', birthDate: dayFromNow(-900 - i) }));
    }
    const appointments = [];
    const book = async (date, count) => {
        for (let i = 0; i < count; i += 1) {
            appointments.push(
                await post('/api/appointments', {
                    patientId: patients[i % patients.length].id, date, time: timeAt(Math.floor(i / VETS.length)), duration: MINUTES,
                    reason: REASONS[i % REASONS.length], veterinarian: VETS[i % VETS.length], status: i % 9 === 8 ? 'completed' : 'scheduled',
                }),
            );
        }
    };
    await book(dayFromNow(0), VISITS);
    await book(dayFromNow(1), 12);
    await book(dayFromNow(-1), 12);
    return { owners, patients, appointments };
}
