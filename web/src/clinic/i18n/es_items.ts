import type { Catalogue } from '../../common/i18n/catalogue';
import type { items as english } from './en_items';

export const items: Catalogue<typeof english> = {
    'attention.noneSettled': 'Aún no se ha resuelto nada',
    'attention.noneSettledText': 'Lo que se decidió queda aquí y aquí se puede deshacer.',
    'attention.otherEntry': 'otra ficha',
    'attention.otherField': 'Otro campo',
    'attention.otherOwner': 'otro propietario',
    'attention.show': 'Mostrar',
    'attention.showOpen': 'Pendientes',
    'attention.showSettled': 'Resueltos',
    'attention.versions': 'Ambas versiones',
    'chip.decided': 'Decidido, en espera',
    'chip.decidedText': 'Ya hay una decisión y espera a la central. Se aplica sola; no hay nada que hacer.',
    'decide.deleteAllTheSame': 'Eliminarla de todos modos',
    'decide.deleteText': 'Se elimina definitivamente, con lo que otros escribieron en ella mientras tanto.',
    'decide.discard': 'Descartar este trabajo',
    'decide.discardText':
        'Esto desaparece de todos los equipos y todo queda como lo tiene la central. Lo escrito se conserva entre los puntos resueltos.',
    'decide.discardTitle': '¿Descartar este trabajo? {name}',
    'decide.editAndRetry': 'Corregir e intentar de nuevo',
    'decide.group': 'Qué hacer con esto: {name}',
    'decide.keep': 'Dejar lo que hay',
    'decide.keepRow': 'Conservar la ficha',
    'decide.keepWithoutEmail': 'Dejarlo sin dirección',
    'decide.mergeOwners': 'Es la misma persona: unificar',
    'decide.mergeText': 'Los animales y las facturas de {name} pasan a {other}, y la ficha de {name} se cierra. Aquí no se puede deshacer.',
    'decide.mergeTitle': '¿Unificar {name} con {other}?',
    'decide.otherEmail': 'Dar otra dirección',
    'decide.seen': 'Visto',
    'decide.setValue': 'Escribir otra cosa',
    'decide.unavailable': 'Ya no es posible: se resolvió mientras tanto, o decidió otra persona. La lista muestra cómo está ahora.',
    'decide.undoGroup': 'Deshacer: {name}',
    'decide.useMine': 'Usar la otra versión',
    'decision.done': 'Resuelto',
    'decision.headquarters': 'la central ({who})',
    'decision.late': 'Esta decisión llegó tarde y no cambió nada: «{action}», {who}, {at}. Alguien había decidido antes.',
    'decision.other': 'Otra decisión',
    'decision.refused': 'La central no pudo aplicarlo: «{action}», {who}, {at}.',
    'decision.settled': 'Resuelto: «{action}», {who}, {at}.',
    'decision.settledChip': 'Resuelto',
    'decision.somebody': 'alguien',
    'decision.told': 'Decidido, a la espera de la central',
    'decision.waiting': 'Decidido, en espera',
    'decision.waitingText': 'Decidido, a la espera de la central: «{action}», {who}, {at}.',
    'decision.wasMoot': 'Se resolvió solo: un cambio posterior lo hizo innecesario, {at}.',
    'decision.wasErased': 'Se resolvió por un borrado de datos personales, {at}.',
    'decision.wasRestored': 'El paciente se recuperó del archivo y esto entró con él, {at}.',
    'item.adminNeeded':
        'Los miembros y los datos de la clínica los cambia un administrador de la clínica, y quien lo hizo ({mineBy}) no lo era entonces. Un administrador hace el cambio en la aplicación, o intenta esto de nuevo.',
    'item.adminNeeded.title': 'solo un administrador puede cambiar esto',
    'item.ahead':
        'La fecha de la factura está más de un día adelantada: {day} ({mineBy}). Mire si el reloj del equipo en que se escribió está bien.',
    'item.ahead.title': 'lleva una fecha adelantada',
    'item.archived':
        'La ficha de este paciente está en el archivo de la central. Lo escrito ({mineBy}) se conserva entero y entra solo cuando la central recupere al paciente: pregunte allí.',
    'item.archived.title': 'está en el archivo',
    'item.bill':
        'Dos equipos cambiaron conceptos, importes, propietario o animal de esta factura. Una factura nunca se mezcla de dos: una versión vale entera ({theirsBy}) y la otra se conserva entera aquí ({mineBy}), con lo que ese equipo escriba en la factura hasta que usted decida.',
    'item.bill.title': 'dos versiones de toda la factura',
    'item.billIssued':
        'La factura se emitió en otro equipo antes de que llegara este cambio de sus conceptos o importes ({mineBy}). Una factura emitida queda como está: anúlela y haga una copia.',
    'item.billIssued.title': 'se emitió mientras tanto',
    'item.broughtBack':
        'Esta ficha se había eliminado definitivamente, pero llegó trabajo que la necesita ({mineBy}). Por eso se recuperó, con todo lo que se eliminó junto con ella.',
    'item.broughtBack.title': 'se recuperó',
    'item.changed':
        'Dos personas escribieron «{column}» antes de que sus equipos se sincronizaran. Vale «{theirs}» ({theirsBy}). «{mine}» quedó apartado ({mineBy}).',
    'item.changed.title': 'dos versiones de «{column}»',
    'item.clinicChanged': 'Se cambiaron los datos de la clínica ({mineBy}). Si no lo hizo nadie de la clínica, avise a la central.',
    'item.clinicChanged.title': 'se cambió',
    'item.taken': 'Otra entrada tiene un valor que solo una puede tener. Corríjalo e inténtelo de nuevo. Escrito por: {mineBy}.',
    'item.taken.title': 'el valor ya existe',
    'item.code': 'Otra clínica tiene este código. Corríjalo por otro e inténtelo de nuevo. Escrito por: {mineBy}.',
    'item.code.title': 'el código ya existe',
    'item.deactivated':
        'Esto dejaría entrar de nuevo a alguien a quien otra persona quitó el acceso mientras tanto, lo que no se sabía al escribirlo ({mineBy}). Mire primero al miembro y luego inténtelo de nuevo si así se quiere.',
    'item.deactivated.title': 'ya no puede iniciar sesión',
    'item.delete':
        'Se iba a eliminar definitivamente ({mineBy}), pero alguien lo había cambiado mientras tanto, u otras fichas aún lo necesitan. Por eso se conservó ({theirsBy}), con todo lo que le pertenece.',
    'item.delete.title': 'no se eliminó',
    'item.depends':
        'Esto se apoya en algo que tampoco se aceptó y entra solo junto con ello. Busque el otro punto en esta lista. Escrito por: {mineBy}.',
    'item.depends.title': 'espera con otro trabajo',
    'item.email':
        '«{mine}» ya es la dirección de {other}. Dos propietarios de una clínica no pueden tener la misma, así que {name} no tiene ninguna hasta que usted decida. Escrito por: {mineBy}.',
    'item.email.title': 'la dirección de correo ya existe',
    'item.gone':
        'La ficha se eliminó definitivamente en otro lugar antes de que llegara este cambio. El cambio se conserva entero. Escrito por: {mineBy}.',
    'item.gone.title': 'se eliminó mientras tanto',
    'item.insertedOver':
        'Esta ficha se había eliminado definitivamente y se escribió otra vez ({mineBy}). Está como se escribió por última vez.',
    'item.insertedOver.title': 'está de nuevo',
    'item.internal':
        'Un fallo del programa en la central, no suyo. El trabajo se conserva entero. Avise a la central e inténtelo de nuevo cuando ella lo diga. Escrito por: {mineBy}.',
    'item.internal.title': 'la central no pudo tomarlo',
    'item.invalid':
        'Uno de los valores no es posible allí, así que no se aceptó nada de esto. Se conserva entero: corríjalo e inténtelo de nuevo. Escrito por: {mineBy}.',
    'item.invalid.title': 'un valor no se puede guardar',
    'item.joined':
        'Esta persona vino con un equipo que trabajaba solo y ya puede trabajar en la clínica ({mineBy}). Si no lo hizo nadie de la clínica, avise a la central.',
    'item.joined.title': 'vino con un equipo',
    'item.joinedWithout':
        'Esta persona vino con un equipo que trabajaba solo y era su administrador ({mineBy}). La clínica tiene sus propios administradores, así que no se tomó la función: désela en «Equipo» si se desea.',
    'item.joinedWithout.title': 'vino con un equipo y no es administrador',
    'item.lastAdmin':
        'Esto quita la función o el acceso al último administrador que tiene la clínica ({mineBy}). Haga antes administrador a otra persona y luego inténtelo de nuevo.',
    'item.lastAdmin.title': 'la clínica se quedaría sin administrador',
    'item.linkLost':
        'Esta ficha apuntaba a otra que se eliminó definitivamente, así que el enlace está vacío ahora ({mineBy}). Lo que lleva impreso queda como estaba.',
    'item.linkLost.title': 'perdió un enlace',
    'item.mergeMoot':
        'Se iba a unificar ({mineBy}), pero el otro propietario ya se había unificado con este mientras tanto. No quedaba nada por unificar, y esta ficha vale.',
    'item.mergeMoot.title': 'no se unificó',
    'item.missing':
        'Un cambio de una ficha que la central nunca tuvo. Se conserva entero. Inténtelo de nuevo; si no sirve, pregunte a la central. Escrito por: {mineBy}.',
    'item.missing.title': 'no se conoce en la central',
    'item.number':
        'El número impreso en esta factura, {mine}, es también el de otra factura o equipo. Se conserva como {theirs} y se encuentra por lo que está impreso.',
    'item.number.title': 'tiene otro primer número',
    'item.password': 'Se cambió la contraseña de este miembro ({mineBy}). Si no lo hizo nadie de la clínica, avise a la central.',
    'item.password.title': 'tiene una contraseña nueva',
    'item.redirected': 'Se escribió para un propietario que mientras tanto se había unificado con otro ({mineBy}). Pertenece al que quedó.',
    'item.redirected.title': 'pertenece ahora al propietario unificado',
    'item.staffAdded': 'Esta persona ya puede trabajar en la clínica ({mineBy}). Si no lo hizo nadie de la clínica, avise a la central.',
    'item.staffAdded.title': 'es un miembro nuevo',
    'item.staffChanged': 'Se cambió algo de este miembro ({mineBy}). Si no lo hizo nadie de la clínica, avise a la central.',
    'item.staffChanged.title': 'se cambió',
    'item.staffDeleted': 'Este miembro se quitó de la clínica ({mineBy}). Si no lo hizo nadie de la clínica, avise a la central.',
    'item.staffDeleted.title': 'se quitó',
    'item.staffEmail':
        'Otro miembro de la clínica inicia sesión con esta dirección. Corríjala por otra e inténtelo de nuevo. Escrito por: {mineBy}.',
    'item.staffEmail.title': 'la dirección de correo ya existe',
    'item.status':
        'La factura se puso en dos estados distintos. Vale el más avanzado: «{theirs}» ({theirsBy}). «{mine}» quedó apartado ({mineBy}).',
    'item.status.title': 'dos pasos a la vez',
    'item.timezone':
        'La central no conoce esa zona horaria. Corríjala, por ejemplo Europe/Berlin, e inténtelo de nuevo. Escrito por: {mineBy}.',
    'item.timezone.title': 'la zona horaria no se conoce',
    'item.unreadable': 'La central no pudo leer este trabajo. Se conserva allí tal como llegó. Avise a la central. Escrito por: {mineBy}.',
    'item.unreadable.title': 'la central no pudo leerlo',
    'item.username':
        'Otro miembro de la clínica tiene este nombre de usuario. Corríjalo por otro e inténtelo de nuevo. Escrito por: {mineBy}.',
    'item.username.title': 'el nombre de usuario ya existe',
    'item.waiting':
        'Esto no puede estar junto a lo que otros escribieron mientras tanto. La central decide cuando se entere; hasta entonces se conserva entero. Escrito por: {mineBy}.',
    'item.waiting.title': 'espera a la central',
    'item.workedOnDeleted':
        'Alguien eliminó esta ficha mientras otra persona seguía trabajando en ella ({mineBy}). El trabajo está aceptado, pero oculto con la ficha. Recupérela si aún hace falta.',
    'item.workedOnDeleted.title': 'se eliminó, y se siguió trabajando en ella',
    'keys.next': 'Punto siguiente de la lista de atención',
    'keys.previous': 'Punto anterior',
    'subject.appointment': 'Cita de {name}',
    'subject.bill': 'Factura {name}',
    'subject.clinic': 'Clínica {name}',
    'subject.entry': 'Ficha',
    'subject.member': 'Miembro {name}',
    'subject.owner': 'Propietario {name}',
    'subject.patient': 'Paciente {name}',
    'subject.price': 'Precio de {name}',
    'subject.record': 'Registro de {name}',
    'undo.keep': 'Volver a lo que estaba',
    'undo.retry': 'Intentarlo de todos modos',
    'word.no': 'No',
    'word.yes': 'Sí',
};
