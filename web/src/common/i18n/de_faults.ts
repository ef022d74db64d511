import type { Catalogue } from './catalogue';
import type { faults as english } from './en_faults';

export const faults: Catalogue<typeof english> = {
    'error.busy': 'VetChart ist beschäftigt. Bitte versuchen Sie es gleich noch einmal.',
    'error.fields': 'Bitte prüfen Sie die markierten Felder.',
    'error.forbidden': 'Dazu fehlt Ihnen die Berechtigung.',
    'error.loginFailed': 'E-Mail oder Passwort ist falsch.',
    'error.notFound': 'Hier gibt es nichts. Vielleicht wurde der Eintrag gelöscht.',
    'error.otherUser':
        'In diesem Browser hat sich jemand anderes angemeldet. Nichts wurde in dessen Namen gespeichert.',
    'error.positiveNumber': 'Eine Zahl über 0, zum Beispiel 4,2.',
    'error.required': 'Bitte ausfüllen.',
    'error.sessionEnded': 'Sie wurden abgemeldet. Bitte melden Sie sich erneut an.',
    'error.stale': 'Jemand hat das inzwischen geändert.',
    'error.tooManyAttempts': 'Zu viele Fehlversuche. Warten Sie einige Minuten.',
    'error.unknown': 'Etwas ist schiefgegangen.',
    'error.unreachable':
        'Diese Seite erreicht ihren Rechner nicht. Was Sie geschrieben haben, ist noch da: Bitte versuchen Sie es noch einmal.',
    'error.wholeNumber': 'Eine ganze Zahl ab 0.',
    'fault.alreadyEnrolled': 'Dieser Rechner ist der Zentrale schon beigetreten.',
    'fault.alreadySetUp': 'Dieser Rechner ist schon eingerichtet.',
    'fault.atCentral': 'Das lässt sich auf diesem Rechner noch nicht entscheiden, nur in der Zentrale.',
    'fault.badQuery': 'Die Suche ist zu lang.',
    'fault.billClosed':
        'Eine bezahlte oder stornierte Rechnung behält ihre Posten und Akteneinträge. Bitte öffnen Sie sie zuerst wieder.',
    'fault.billIssued':
        'Eine ausgestellte Rechnung wird nie gelöscht und behält Positionen, Beträge, Besitzer und Patient. Stornieren Sie sie und machen Sie eine Kopie.',
    'fault.billPaid': 'Eine bezahlte Rechnung geht nur mit einer Begründung zurück.',
    'fault.cancelReason': 'Eine Rechnung wird mit einem Grund storniert.',
    'fault.central': 'Die Zentrale ist gerade nicht erreichbar. Was hier ist, bleibt gespeichert.',
    'fault.centralRefused':
        'Die Zentrale weist diesen Rechner ab. Was hier ist, bleibt gespeichert; wer die Computer betreut, muss danach sehen.',
    'fault.choice': 'Bitte wählen Sie einen der angebotenen Werte.',
    'fault.count': 'Höchstens {max}.',
    'fault.databaseMoved':
        'Die Datenbank wurde entfernt oder ersetzt, während das Programm läuft. Nichts wurde gespeichert; wer diesen Rechner betreut, muss das Programm neu starten.',
    'fault.day': 'Bitte einen Tag angeben, den es gibt.',
    'fault.diskFull': 'Die Festplatte dieses Rechners ist voll. Es wurde nichts gespeichert.',
    'fault.diskUnwritable':
        'Die Festplatte dieses Rechners lässt sich nicht beschreiben. Es wurde nichts gespeichert.',
    'fault.email': 'Das ist keine E-Mail-Adresse.',
    'fault.hasPatients': 'Dieser Besitzer hat lebende Patienten. Geben Sie ihnen zuerst einen anderen Besitzer.',
    'fault.immutable': 'Dieser Wert lässt sich nicht ändern.',
    'fault.intoRequired':
        'Diese Einladung gilt für mehrere Kliniken. Geben Sie das Kürzel der Klinik ein, die die Daten dieses Rechners übernimmt.',
    'fault.invalid': 'Dieser Wert wird nicht angenommen.',
    'fault.invitation': 'Diese Einladung ist ungültig, schon benutzt oder abgelaufen. Bitten Sie um eine neue.',
    'fault.lastAdmin': 'In einer Klinik muss sich mindestens eine Person der Administration anmelden können.',
    'fault.length': '1 bis {max} Zeichen.',
    'fault.nodeFiles':
        'Eine Datei dieses Rechners hält ihn von der Zentrale fern. Die Arbeit hier geht weiter und bleibt erhalten; was zu tun ist, steht in der Zeile zum letzten Fehler.',
    'fault.notEnrolled': 'Dieser Rechner arbeitet eigenständig: Er ist keiner Zentrale beigetreten.',
    'fault.notFound': 'Diesen Eintrag gibt es in dieser Klinik nicht.',
    'fault.notThisCentral': 'Dort hat nicht die Zentrale dieser Einladung geantwortet.',
    'fault.number': 'Eine Zahl von {min} bis {max}.',
    'fault.otherClinics': 'Dieser Rechner gehört zu anderen Kliniken als die Einladung.',
    'fault.otherSite': 'Eine andere Webseite hat das verlangt, darum wurde es abgelehnt. Nichts wurde geändert.',
    'fault.outcomeUnknown':
        'Es ist nicht bekannt, ob das erledigt wurde. Bitte sehen Sie nach, bevor Sie es wiederholen.',
    'fault.parentDeleted': 'Dieser Eintrag ist gelöscht. Die Administration kann ihn zurückholen.',
    'fault.setupCode': 'Bitte geben Sie den Code ein, den VetChart beim Start ausgegeben hat.',
    'fault.setupNeeded': 'Dieser Rechner ist noch nicht eingerichtet.',
    'fault.stillReferenced': 'Das lässt sich nicht löschen: Andere Einträge beziehen sich darauf.',
    'fault.sum': 'Die Summe stimmt nicht: Richtig wäre {expected}.',
    'fault.taken': 'Das ist hier schon vergeben.',
    'fault.time': 'Eine Uhrzeit, zum Beispiel 14:30.',
    'fault.tooLarge': 'Das ist zu groß.',
    'fault.tooLong': 'Höchstens {max} Zeichen.',
    'fault.wrongHost': 'Unter dieser Adresse antwortet dieser Rechner nicht. Öffnen Sie die Seite unter der gewohnten.',
};
