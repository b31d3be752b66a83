"""Around a status page in German."""

from __future__ import annotations

from collections.abc import Mapping

PHRASES: Mapping[str, str] = {
    "language": "Sprache",
    "d_text": "Diese Statusseite ist für eingeladene Leser.",
    "d_network": "Sie öffnet sich nur aus bestimmten Netzen.",
    "d_asked": "Sehen Sie in Ihre E-Mail",
    "d_asked_text": "Wenn diese Adresse die Seite lesen darf, ist ein Link an sie unterwegs. Er gilt einmal, 30 "
    "Minuten lang.",
    "d_password": "Passwort dieser Seite",
    "d_open": "Seite öffnen",
    "d_mail": "Ihre E-Mail-Adresse",
    "d_or_mail": "Oder mit einem Link an Ihre E-Mail-Adresse",
    "d_send": "Link senden",
    "d_sign_in": "Mit Ihrem Konto anmelden",
    "d_where": "Hier wird nichts von Ihnen verlangt: Die Seite öffnet sich je nachdem, wo Sie sind. Fragen Sie, wer "
    "sie betreibt.",
    "d_wrong": "Dieses Passwort stimmt nicht. Fragen Sie dort, wo Sie es erhalten haben, nach dem aktuellen.",
    "d_limited": "Zu viele Versuche in diesem Moment. Versuchen Sie es in zehn Minuten wieder.",
    "d_address": "Das ist keine E-Mail-Adresse. Schreiben Sie sie wie sie@example.com.",
    "d_way": "Wählen Sie, wie Sie hineinkommen: mit dem Passwort oder per E-Mail.",
    "l_title": "Statusseite",
    "l_text": "Dieser Link öffnet die Statusseite in diesem Browser. Er gilt einmal.",
    "l_closed": "Dieser Link öffnet nichts",
    "l_used": "Dieser Link wurde schon benutzt. Fordern Sie auf der Seite einen neuen an.",
    "l_old": "Dieser Link ist abgelaufen. Fordern Sie auf der Seite einen neuen an.",
    "l_barred": "Diese Adresse öffnet die Seite nicht mehr. Fragen Sie, wer sie betreibt.",
    "m_subject": "Ihr Weg zur Statusseite {page}",
    "m_text": "Jemand, vermutlich Sie, möchte die Statusseite {page} lesen. Dieser Link öffnet sie in Ihrem Browser:"
    "\n\n{url}\n\nEr gilt einmal, 30 Minuten lang. Waren Sie es nicht, tun Sie nichts.\n",
    "n_title": "Hier ist keine Seite veröffentlicht.",
    "n_text": "Vielleicht ist die Adresse vertippt, der Link schon benutzt oder zu alt, oder was hier war, wurde "
    "entfernt. Gehen Sie dorthin zurück, wo Sie sie gefunden haben, oder fragen Sie, von wem Sie die Adresse haben.",
    "x_form_title": "Dieses Formular ist veraltet",
    "x_form_text": "Öffnen Sie die Seite noch einmal und senden Sie es von dort. Ihr Browser muss dafür die "
    "Cookies dieser Website behalten.",
    "x_busy_title": "In diesem Moment ist sehr viel los",
    "x_busy_text": "Es wurde nichts geändert. Versuchen Sie es in einigen Sekunden wieder.",
    "x_failed_title": "Diese Seite ist fehlgeschlagen",
    "x_failed_text": "Der Fehler ist festgehalten. Gehen Sie zurück und versuchen Sie es in einigen Minuten wieder.",
    "u_ask": "Diese Meldungen beenden?",
    "u_text": "Meldungen über Störungen gehen an {address}. Sie würden von keiner mehr erfahren.",
    "u_stop": "Beenden",
    "u_ended": "Sie erhalten diese Meldungen nicht mehr",
    "u_ended_text": "An {address} wird über Störungen nichts mehr gesendet. Was gerade unterwegs ist, kann noch "
    "ankommen.",
    "u_mistake": "War es ein Versehen? Bitten Sie den Absender, Sie wieder aufzunehmen.",
    "f_link": "Sagen Sie uns, wie wir das gehandhabt haben",
    "f_title": "Wie haben wir das gehandhabt?",
    "f_text": "Ihre Antwort geht an die, die sich darum gekümmert haben. Sie wird ohne Ihren Namen aufbewahrt.",
    "f_ask": "Wie zufrieden sind Sie damit, wie wir es gehandhabt haben?",
    "f_1": "Schlecht",
    "f_2": "Mäßig",
    "f_3": "Mittel",
    "f_4": "Gut",
    "f_5": "Sehr gut",
    "f_words": "Was lief gut, was sollte besser werden?",
    "f_optional": "freiwillig",
    "f_send": "Senden",
    "f_thanks": "Danke für Ihre Antwort",
    "f_thanks_text": "Das haben Sie gesagt. Es wurde einmal aufbewahrt und lässt sich nicht ändern.",
    "f_rating": "Bewertung",
    "f_of": "{n} von 5",
    "f_said": "Worte",
    "f_given": "Gegeben",
    "f_closed": "Hier werden keine Antworten mehr angenommen",
    "f_closed_text": "Trotzdem vielen Dank.",
    "f_range": "Wählen Sie eine Zahl von 1 (schlecht) bis 5 (sehr gut).",
    "f_limit": "In diesem Moment kommen viele Antworten an. Versuchen Sie es in zehn Minuten wieder.",
}
