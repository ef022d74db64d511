import type { Catalogue } from '../../common/i18n/catalogue';
import type { items as english } from './en_items';

export const items: Catalogue<typeof english> = {
    'attention.noneSettled': 'Noch nichts geklärt',
    'attention.noneSettledText': 'Was entschieden wurde, bleibt hier stehen und lässt sich hier zurücknehmen.',
    'attention.otherEntry': 'ein anderer Eintrag',
    'attention.otherField': 'Ein weiteres Feld',
    'attention.otherOwner': 'einem anderen Halter',
    'attention.show': 'Anzeigen',
    'attention.showOpen': 'Offen',
    'attention.showSettled': 'Geklärt',
    'attention.versions': 'Beide Fassungen',
    'chip.decided': 'Entschieden, wartet',
    'chip.decidedText': 'Darüber ist entschieden, es wartet auf die Zentrale. Es wird von selbst ausgeführt; Sie müssen nichts tun.',
    'decide.deleteAllTheSame': 'Trotzdem löschen',
    'decide.deleteText': 'Es wird endgültig gelöscht, mit dem, was andere inzwischen daran geschrieben haben.',
    'decide.discard': 'Diese Arbeit verwerfen',
    'decide.discardText':
        'Dies verschwindet von allen Rechnern, und alles wird so, wie es die Zentrale hat. Was geschrieben wurde, bleibt bei den geklärten Punkten aufbewahrt.',
    'decide.discardTitle': 'Diese Arbeit verwerfen? {name}',
    'decide.editAndRetry': 'Berichtigen und erneut versuchen',
    'decide.group': 'Was damit geschehen soll: {name}',
    'decide.keep': 'Lassen, wie es ist',
    'decide.keepRow': 'Eintrag behalten',
    'decide.keepWithoutEmail': 'Ohne Adresse lassen',
    'decide.mergeOwners': 'Das ist dieselbe Person: zusammenführen',
    'decide.mergeText':
        'Die Tiere und Rechnungen von {name} gehen an {other}, und der Eintrag von {name} wird geschlossen. Das lässt sich hier nicht zurücknehmen.',
    'decide.mergeTitle': '{name} mit {other} zusammenführen?',
    'decide.otherEmail': 'Andere Adresse eintragen',
    'decide.seen': 'Gesehen',
    'decide.setValue': 'Etwas anderes eintragen',
    'decide.unavailable':
        'Das geht nicht mehr: Es wurde inzwischen geklärt, oder jemand anderes hat entschieden. Die Liste zeigt den jetzigen Stand.',
    'decide.undoGroup': 'Zurücknehmen: {name}',
    'decide.useMine': 'Die andere Fassung nehmen',
    'decision.done': 'Geklärt',
    'decision.headquarters': 'Zentrale ({who})',
    'decision.late':
        'Diese Entscheidung kam zu spät und hat nichts geändert: „{action}“, {who}, {at}. Jemand hatte schon vorher entschieden.',
    'decision.other': 'Eine andere Entscheidung',
    'decision.refused': 'Die Zentrale konnte das nicht ausführen: „{action}“, {who}, {at}.',
    'decision.settled': 'Geklärt: „{action}“, {who}, {at}.',
    'decision.settledChip': 'Geklärt',
    'decision.somebody': 'jemand',
    'decision.told': 'Entschieden, wartet auf die Zentrale',
    'decision.waiting': 'Entschieden, wartet',
    'decision.waitingText': 'Entschieden, wartet auf die Zentrale: „{action}“, {who}, {at}.',
    'decision.wasMoot': 'Es hat sich erledigt: Eine spätere Änderung machte es unnötig, {at}.',
    'decision.wasErased': 'Durch eine Löschung personenbezogener Daten erledigt, {at}.',
    'decision.wasRestored': 'Der Patient wurde aus dem Archiv zurückgeholt, und dies kam mit herein, {at}.',
    'item.adminNeeded':
        'Das Team und die Daten der Klinik ändert nur die Administration, und wer das tat ({mineBy}), gehörte zu der Zeit nicht dazu. Die Administration macht die Änderung in der App oder versucht dies erneut.',
    'item.adminNeeded.title': 'das darf nur die Administration ändern',
    'item.ahead':
        'Das Datum der Rechnung liegt mehr als einen Tag in der Zukunft: {day} ({mineBy}). Sehen Sie nach, ob die Uhr des Rechners stimmt, auf dem sie geschrieben wurde.',
    'item.ahead.title': 'ist vordatiert',
    'item.archived':
        'Die Akte dieses Patienten ist im Archiv der Zentrale. Was geschrieben wurde ({mineBy}), ist vollständig aufbewahrt und kommt von selbst herein, wenn die Zentrale den Patienten zurückholt: Fragen Sie dort.',
    'item.archived.title': 'ist im Archiv',
    'item.bill':
        'Zwei Rechner haben Posten, Beträge, Halter oder Tier dieser Rechnung geändert. Eine Rechnung wird nie aus zweien gemischt: Eine Fassung gilt ganz ({theirsBy}), die andere ist hier ganz aufbewahrt ({mineBy}), mit dem, was jener Rechner an der Rechnung schreibt, bis Sie entscheiden.',
    'item.bill.title': 'zwei Fassungen der ganzen Rechnung',
    'item.billIssued':
        'Die Rechnung wurde auf einem anderen Rechner ausgestellt, bevor diese Änderung ihrer Posten oder Beträge ankam ({mineBy}). Eine ausgestellte Rechnung bleibt, wie sie ist: Stornieren Sie sie und machen Sie eine Kopie.',
    'item.billIssued.title': 'wurde inzwischen ausgestellt',
    'item.broughtBack':
        'Dieser Eintrag war endgültig gelöscht, aber es kam Arbeit an, die ihn braucht ({mineBy}). Darum wurde er zurückgeholt, mit allem, was zusammen mit ihm gelöscht worden war.',
    'item.broughtBack.title': 'wurde zurückgeholt',
    'item.changed':
        'Zwei Personen haben „{column}“ geschrieben, bevor ihre Rechner sich abgleichen konnten. „{theirs}“ gilt ({theirsBy}). „{mine}“ wurde beiseitegelegt ({mineBy}).',
    'item.changed.title': 'zwei Fassungen von „{column}“',
    'item.clinicChanged':
        'Die Daten der Klinik wurden geändert ({mineBy}). Wenn das niemand aus der Klinik war, sagen Sie der Zentrale Bescheid.',
    'item.clinicChanged.title': 'wurde geändert',
    'item.taken':
        'Ein anderer Eintrag hat einen Wert, den nur einer haben darf. Berichtigen Sie ihn und versuchen Sie es erneut. Geschrieben von: {mineBy}.',
    'item.taken.title': 'der Wert ist vergeben',
    'item.code': 'Eine andere Klinik hat dieses Kürzel. Berichtigen Sie es und versuchen Sie es erneut. Geschrieben von: {mineBy}.',
    'item.code.title': 'das Kürzel ist vergeben',
    'item.deactivated':
        'Damit könnte sich jemand wieder anmelden, den inzwischen jemand anderes gesperrt hat; das war beim Schreiben nicht bekannt ({mineBy}). Sehen Sie sich die Person zuerst an und versuchen Sie es dann erneut, wenn es so gemeint ist.',
    'item.deactivated.title': 'darf sich inzwischen nicht mehr anmelden',
    'item.delete':
        'Es sollte endgültig gelöscht werden ({mineBy}), aber jemand hatte es inzwischen geändert, oder andere Einträge brauchen es noch. Darum wurde es behalten ({theirsBy}), mit allem, was dazugehört.',
    'item.delete.title': 'wurde nicht gelöscht',
    'item.depends':
        'Das baut auf etwas auf, das selbst nicht angenommen wurde, und kommt von selbst mit diesem herein. Suchen Sie den anderen Punkt in dieser Liste. Geschrieben von: {mineBy}.',
    'item.depends.title': 'wartet mit anderer Arbeit',
    'item.email':
        '„{mine}“ ist schon die Adresse von {other}. Zwei Halter einer Klinik können nicht dieselbe haben, darum hat {name} keine, bis Sie entscheiden. Geschrieben von: {mineBy}.',
    'item.email.title': 'die E-Mail-Adresse ist vergeben',
    'item.gone':
        'Der Eintrag wurde anderswo endgültig gelöscht, bevor diese Änderung ankam. Die Änderung ist vollständig aufbewahrt. Geschrieben von: {mineBy}.',
    'item.gone.title': 'wurde inzwischen gelöscht',
    'item.insertedOver':
        'Dieser Eintrag war endgültig gelöscht und wurde erneut geschrieben ({mineBy}). Er ist da, wie er zuletzt geschrieben wurde.',
    'item.insertedOver.title': 'ist wieder da',
    'item.internal':
        'Ein Fehler des Programms in der Zentrale, nicht Ihrer. Die Arbeit ist vollständig aufbewahrt. Sagen Sie der Zentrale Bescheid und versuchen Sie es erneut, wenn sie es sagt. Geschrieben von: {mineBy}.',
    'item.internal.title': 'die Zentrale konnte es nicht nehmen',
    'item.invalid':
        'Einer der Werte ist dort nicht möglich, darum wurde nichts davon angenommen. Es ist vollständig aufbewahrt: Berichtigen Sie es und versuchen Sie es erneut. Geschrieben von: {mineBy}.',
    'item.invalid.title': 'ein Wert lässt sich nicht speichern',
    'item.joined':
        'Diese Person kam mit einem Rechner, der allein gearbeitet hatte, und darf jetzt in der Klinik arbeiten ({mineBy}). Wenn das niemand aus der Klinik war, sagen Sie der Zentrale Bescheid.',
    'item.joined.title': 'kam mit einem Rechner',
    'item.joinedWithout':
        'Diese Person kam mit einem Rechner, der allein gearbeitet hatte, und gehörte dort zur Administration ({mineBy}). Die Klinik hat eine eigene, darum wurde die Rolle nicht übernommen: Geben Sie sie unter „Team“, wenn sie gewünscht ist.',
    'item.joinedWithout.title': 'kam mit einem Rechner, ohne Administration',
    'item.lastAdmin':
        'Das nimmt der letzten Person der Administration die Rolle oder den Zugang ({mineBy}). Geben Sie zuerst jemand anderem die Rolle, dann versuchen Sie es erneut.',
    'item.lastAdmin.title': 'die Klinik hätte dann keine Administration',
    'item.linkLost':
        'Dieser Eintrag verwies auf einen anderen, der endgültig gelöscht wurde; die Verknüpfung ist jetzt leer ({mineBy}). Was darin gedruckt steht, bleibt, wie es war.',
    'item.linkLost.title': 'hat eine Verknüpfung verloren',
    'item.mergeMoot':
        'Der Eintrag sollte zusammengeführt werden ({mineBy}), aber der andere Halter war inzwischen schon mit diesem zusammengeführt. Es blieb nichts zu tun, und dieser Eintrag gilt.',
    'item.mergeMoot.title': 'wurde nicht zusammengeführt',
    'item.missing':
        'Eine Änderung an einem Eintrag, den die Zentrale nie hatte. Sie ist vollständig aufbewahrt. Versuchen Sie es erneut; hilft das nicht, fragen Sie die Zentrale. Geschrieben von: {mineBy}.',
    'item.missing.title': 'ist in der Zentrale nicht bekannt',
    'item.number':
        'Die Nummer, die auf dieser Rechnung gedruckt ist, {mine}, ist auch die einer anderen Rechnung oder eines anderen Rechners. Sie wird als {theirs} geführt und ist unter der gedruckten zu finden.',
    'item.number.title': 'hat eine andere erste Nummer',
    'item.password':
        'Das Passwort dieser Person wurde geändert ({mineBy}). Wenn das niemand aus der Klinik war, sagen Sie der Zentrale Bescheid.',
    'item.password.title': 'hat ein neues Passwort',
    'item.redirected':
        'Es wurde für einen Halter geschrieben, der inzwischen mit einem anderen zusammengeführt worden war ({mineBy}). Es gehört zu dem, der geblieben ist.',
    'item.redirected.title': 'gehört jetzt zum zusammengeführten Halter',
    'item.staffAdded':
        'Diese Person darf jetzt in der Klinik arbeiten ({mineBy}). Wenn das niemand aus der Klinik war, sagen Sie der Zentrale Bescheid.',
    'item.staffAdded.title': 'ist neu im Team',
    'item.staffChanged':
        'An dieser Person wurde etwas geändert ({mineBy}). Wenn das niemand aus der Klinik war, sagen Sie der Zentrale Bescheid.',
    'item.staffChanged.title': 'wurde geändert',
    'item.staffDeleted':
        'Diese Person wurde aus der Klinik entfernt ({mineBy}). Wenn das niemand aus der Klinik war, sagen Sie der Zentrale Bescheid.',
    'item.staffDeleted.title': 'wurde entfernt',
    'item.staffEmail':
        'Eine andere Person der Klinik meldet sich mit dieser Adresse an. Berichtigen Sie sie und versuchen Sie es erneut. Geschrieben von: {mineBy}.',
    'item.staffEmail.title': 'die E-Mail-Adresse ist vergeben',
    'item.status':
        'Die Rechnung wurde auf zwei verschiedene Stände gesetzt. Der weiter fortgeschrittene gilt: „{theirs}“ ({theirsBy}). „{mine}“ wurde beiseitegelegt ({mineBy}).',
    'item.status.title': 'zwei Schritte zugleich',
    'item.timezone':
        'Die Zentrale kennt diese Zeitzone nicht. Berichtigen Sie sie, zum Beispiel Europe/Berlin, und versuchen Sie es erneut. Geschrieben von: {mineBy}.',
    'item.timezone.title': 'die Zeitzone ist nicht bekannt',
    'item.unreadable':
        'Die Zentrale konnte diese Arbeit nicht lesen. Sie ist dort so aufbewahrt, wie sie kam. Sagen Sie der Zentrale Bescheid. Geschrieben von: {mineBy}.',
    'item.unreadable.title': 'die Zentrale konnte es nicht lesen',
    'item.username':
        'Eine andere Person der Klinik hat diesen Benutzernamen. Berichtigen Sie ihn und versuchen Sie es erneut. Geschrieben von: {mineBy}.',
    'item.username.title': 'der Benutzername ist vergeben',
    'item.waiting':
        'Das kann nicht neben dem stehen, was andere inzwischen geschrieben haben. Die Zentrale entscheidet, sobald sie davon hört; bis dahin ist es vollständig aufbewahrt. Geschrieben von: {mineBy}.',
    'item.waiting.title': 'wartet auf die Zentrale',
    'item.workedOnDeleted':
        'Jemand hat diesen Eintrag gelöscht, während jemand anderes damit weiterarbeitete ({mineBy}). Die Arbeit ist angenommen, aber mit dem Eintrag verborgen. Holen Sie ihn zurück, wenn er noch gebraucht wird.',
    'item.workedOnDeleted.title': 'wurde gelöscht und weiter bearbeitet',
    'keys.next': 'Nächster Punkt der Liste „Zu klären“',
    'keys.previous': 'Punkt davor',
    'subject.appointment': 'Termin von {name}',
    'subject.bill': 'Rechnung {name}',
    'subject.clinic': 'Klinik {name}',
    'subject.entry': 'Eintrag',
    'subject.member': 'Teammitglied {name}',
    'subject.owner': 'Halter {name}',
    'subject.patient': 'Patient {name}',
    'subject.price': 'Preis von {name}',
    'subject.record': 'Eintrag zu {name}',
    'undo.keep': 'Wiederherstellen, was galt',
    'undo.retry': 'Doch noch versuchen',
    'word.no': 'Nein',
    'word.yes': 'Ja',
};
