"""Around a status page in French."""

from __future__ import annotations

from collections.abc import Mapping

PHRASES: Mapping[str, str] = {
    "language": "Langue",
    "d_text": "Cette page d’état est réservée aux lecteurs invités.",
    "d_network": "Elle ne s’ouvre que depuis certains réseaux.",
    "d_asked": "Regardez vos e-mails",
    "d_asked_text": "Si cette adresse a le droit de lire la page, un lien lui est envoyé. Il est valable une fois, "
    "pendant 30 minutes.",
    "d_password": "Mot de passe de cette page",
    "d_open": "Ouvrir la page",
    "d_mail": "Votre adresse e-mail",
    "d_or_mail": "Ou par un lien envoyé à votre adresse e-mail",
    "d_send": "M’envoyer un lien",
    "d_sign_in": "Se connecter avec votre compte",
    "d_where": "Rien ne vous est demandé ici : la page s’ouvre selon l’endroit où vous êtes. Demandez à ceux qui la "
    "gèrent.",
    "d_wrong": "Ce n’est pas le mot de passe. Demandez l’actuel à la personne qui vous l’a donné.",
    "d_limited": "Trop d’essais en ce moment. Réessayez dans dix minutes.",
    "d_address": "Ce n’est pas une adresse e-mail. Écrivez-la comme vous@example.com.",
    "d_way": "Choisissez comment entrer : par le mot de passe ou par e-mail.",
    "l_title": "Page d’état",
    "l_text": "Ce lien ouvre la page d’état dans ce navigateur. Il est valable une fois.",
    "l_closed": "Ce lien n’ouvre rien",
    "l_used": "Ce lien a déjà servi. Demandez-en un nouveau sur la page.",
    "l_old": "Ce lien a expiré. Demandez-en un nouveau sur la page.",
    "l_barred": "Cette adresse n’ouvre plus la page. Demandez à ceux qui la gèrent.",
    "m_subject": "Votre accès à la page d’état {page}",
    "m_text": "Quelqu’un, sans doute vous, a demandé à lire la page d’état {page}. Ce lien l’ouvre dans votre "
    "navigateur :\n\n{url}\n\nIl est valable une fois, pendant 30 minutes. Si ce n’était pas vous, ne faites rien.\n",
    "n_title": "Aucune page n’est publiée ici.",
    "n_text": "L’adresse est peut-être mal saisie, le lien a déjà servi ou est trop ancien, ou ce qui était ici a été "
    "retiré. Retournez là où vous l’avez trouvée, ou demandez à la personne qui vous a donné l’adresse.",
    "x_form_title": "Ce formulaire n’est plus à jour",
    "x_form_text": "Rouvrez la page et envoyez-le de là. Votre navigateur doit pour cela garder les cookies "
    "de ce site.",
    "x_busy_title": "Il y a beaucoup d’activité en ce moment",
    "x_busy_text": "Rien n’a été modifié. Réessayez dans quelques secondes.",
    "x_failed_title": "Cette page a échoué",
    "x_failed_text": "L’erreur est enregistrée. Revenez en arrière et réessayez dans quelques minutes.",
    "u_ask": "Arrêter ces messages ?",
    "u_text": "Les messages sur les incidents vont à {address}. Vous n’en recevriez plus aucun.",
    "u_stop": "Les arrêter",
    "u_ended": "Vous ne recevez plus ces messages",
    "u_ended_text": "Plus rien n’est envoyé à {address} au sujet d’incidents. Ce qui était déjà en route peut encore "
    "arriver.",
    "u_mistake": "C’était une erreur ? Demandez à l’expéditeur de vous réinscrire.",
    "f_link": "Dites-nous comment nous avons géré cela",
    "f_title": "Comment avons-nous géré cela ?",
    "f_text": "Votre réponse va aux personnes qui s’en sont occupées. Elle est gardée sans votre nom.",
    "f_ask": "Êtes-vous satisfait de la façon dont nous l’avons géré ?",
    "f_1": "Mauvais",
    "f_2": "Médiocre",
    "f_3": "Moyen",
    "f_4": "Bien",
    "f_5": "Très bien",
    "f_words": "Qu’est-ce qui s’est bien passé, que faut-il améliorer ?",
    "f_optional": "facultatif",
    "f_send": "Envoyer",
    "f_thanks": "Merci de votre réponse",
    "f_thanks_text": "Voici ce que vous avez dit. C’est gardé une fois et ne peut plus être modifié.",
    "f_rating": "Note",
    "f_of": "{n} sur 5",
    "f_said": "Commentaire",
    "f_given": "Donnée",
    "f_closed": "Les réponses ne sont plus acceptées ici",
    "f_closed_text": "Merci tout de même.",
    "f_range": "Choisissez un nombre de 1 (mauvais) à 5 (très bien).",
    "f_limit": "Beaucoup de réponses arrivent en ce moment. Réessayez dans dix minutes.",
}
