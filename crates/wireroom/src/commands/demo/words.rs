//! What the invented outlets write about: sentences with places to fill in. Nobody in them exists.

/// One kind of news in one language.
pub(crate) struct Beat {
    pub(crate) language: &'static str,
    /// The publisher's own word for it.
    pub(crate) category: &'static str,
    pub(crate) headlines: &'static [&'static str],
    /// The first sentence is the summary; the others follow in an order that differs.
    pub(crate) lead: &'static [&'static str],
    pub(crate) sentences: &'static [&'static str],
}

/// Fillers by the name that stands in braces.
pub(crate) const FILLERS: [(&str, &[&str]); 4] = [
    (
        "place",
        &[
            "Oslo",
            "Lisbon",
            "Rotterdam",
            "Nairobi",
            "Osaka",
            "Montreal",
            "Valparaíso",
            "Gdańsk",
            "Cork",
            "Trieste",
            "Cape Town",
            "Wellington",
            "Bergen",
            "Marseille",
            "Hamburg",
            "Santander",
            "Tallinn",
            "Busan",
            "Halifax",
            "Antwerp",
        ],
    ),
    (
        "person",
        &[
            "Ada Quay",
            "Tomás Rivera",
            "Ingrid Solberg",
            "Kwame Adeyemi",
            "Lucie Marchand",
            "Jonas Weber",
            "Mei Tanaka",
            "Priya Nair",
            "Owen Hart",
            "Sofia Lindqvist",
            "Karim Haddad",
            "Elena Rossi",
        ],
    ),
    ("number", &["12", "18", "23", "31", "40", "47", "55", "64", "72", "88", "96", "120", "150", "210"]),
    ("day", &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]),
];

pub(crate) const BEATS: [Beat; 9] = [
    Beat {
        language: "en",
        category: "Transport",
        headlines: &[
            "Ferry line from {place} reopens after {number} days",
            "Night trains to {place} return with {number} coaches",
            "{place} closes its harbour bridge until {day}",
            "Tram drivers in {place} accept new timetable",
        ],
        lead: &[
            "Passengers in {place} can travel again from {day}, the port authority said.",
            "The transport office in {place} announced the change on {day} morning.",
        ],
        sentences: &[
            "Some {number} crossings a week are planned through the winter.",
            "{person}, who runs a bakery beside the terminal, called it a relief after a quiet season.",
            "The line had been closed since a storm damaged two of its piers.",
            "Engineers replaced {number} metres of track and tested every signal twice.",
            "Tickets bought before the closure remain valid for another year.",
            "A second ship is to follow once its crew has been trained, according to {person}.",
        ],
    },
    Beat {
        language: "en",
        category: "Economy",
        headlines: &[
            "Fish market in {place} has its best year since {number} vendors joined",
            "{place} shipyard takes on {number} apprentices",
            "Rents in {place} fall for the third month",
            "Small banks in {place} agree on a common fund",
        ],
        lead: &[
            "Traders in {place} counted {number} per cent more sales than a year ago.",
            "The chamber of commerce in {place} published its figures on {day}.",
        ],
        sentences: &[
            "Prices for timber and steel rose more slowly than in the spring.",
            "{person}, who has led the yard for nine years, spoke of a careful recovery.",
            "About {number} households answered the survey, more than ever before.",
            "Economists had expected a smaller change and revised their forecast.",
            "The council wants to spend the additional income on schools and quays.",
            "Exporters still wait longer for containers than they did before the winter.",
        ],
    },
    Beat {
        language: "en",
        category: "Weather",
        headlines: &[
            "Storm leaves {number} villages near {place} without power",
            "First snow in {place} comes {number} days early",
            "Heat record near {place} broken on {day}",
        ],
        lead: &[
            "Gusts of {number} kilometres an hour were measured on the coast near {place}.",
            "The weather service in {place} warned of high water until {day}.",
        ],
        sentences: &[
            "Crews cleared fallen trees from the main road before dawn.",
            "Schools stay closed until the heating works again, {person} said for the district.",
            "Nobody was hurt, but {number} boats broke loose from their moorings.",
            "The river is expected to fall slowly during the week.",
            "Volunteers filled sandbags through the night and slept in the gymnasium.",
            "Meteorologists measured {number} millimetres of rain within six hours.",
        ],
    },
    Beat {
        language: "en",
        category: "Health",
        headlines: &[
            "Hospital in {place} opens a ward for {number} patients",
            "Midwives in {place} get longer breaks",
            "{place} counts fewer flu cases than last winter",
        ],
        lead: &[
            "The clinic in {place} admitted its first patients on {day}.",
            "Doctors in {place} reported {number} cases this week, fewer than they had feared.",
        ],
        sentences: &[
            "A new vaccine reached the pharmacies at the beginning of the month.",
            "{person}, the head nurse, asked visitors to keep wearing masks in the corridors.",
            "The building has {number} rooms and a garden on its roof.",
            "Waiting times for operations fell from nine weeks to five.",
            "The region pays for the beds, a foundation for the instruments.",
            "Researchers will publish the details of their study in the spring.",
        ],
    },
    Beat {
        language: "en",
        category: "Sport",
        headlines: &[
            "{place} win the regatta by {number} seconds",
            "{person} leaves {place} after {number} matches",
            "Late goal sends {place} into the final",
        ],
        lead: &[
            "In front of {number} hundred spectators, {place} decided the match in the last minutes.",
            "The crew from {place} crossed the line first on {day} and celebrated until late.",
        ],
        sentences: &[
            "{person} scored twice and set up the third goal with a long pass.",
            "The visitors had led at half time and hit the post shortly before the end.",
            "It was the club's first title for {number} years.",
            "The referee stopped the game for ten minutes because of fog.",
            "The coach praised the young players who came on after the break.",
            "The next round will be played on {day} under floodlights.",
        ],
    },
    Beat {
        language: "en",
        category: "Science",
        headlines: &[
            "Divers near {place} find a wreck of {number} metres",
            "Observatory in {place} maps {number} new asteroids",
            "Eels return to the river of {place}",
        ],
        lead: &[
            "Scientists from {place} presented their findings on {day} after two summers of work.",
            "The institute in {place} has published {number} images of the site.",
        ],
        sentences: &[
            "Samples from the sea bed are to be dated in the laboratory.",
            "{person}, who leads the team, called the discovery a stroke of luck.",
            "The instruments recorded {number} nights in a row without a cloud.",
            "Nothing comparable is known from this part of the coast.",
            "The data are open, so that other groups can check the result.",
            "A museum would like to show the pieces, but they must dry for years first.",
        ],
    },
    Beat {
        language: "fr",
        category: "Transport",
        headlines: &[
            "La ligne de ferry de {place} rouvre après {number} jours",
            "Le pont du port de {place} fermé pour travaux",
            "Les trains de nuit vers {place} de retour",
        ],
        lead: &[
            "Les passagers de {place} peuvent de nouveau voyager, a annoncé l'autorité portuaire.",
            "La mairie de {place} a présenté le projet devant {number} habitants.",
        ],
        sentences: &[
            "Quelque {number} traversées par semaine sont prévues pendant l'hiver.",
            "« C'est un soulagement », dit {person}, qui tient une boulangerie près du terminal.",
            "La liaison était interrompue depuis qu'une tempête avait abîmé deux quais.",
            "Les billets achetés avant la fermeture restent valables pendant un an.",
            "Un second navire suivra dès que son équipage aura été formé.",
        ],
    },
    Beat {
        language: "de",
        category: "Wirtschaft",
        headlines: &[
            "Werft in {place} stellt {number} Lehrlinge ein",
            "Mieten in {place} sinken den dritten Monat in Folge",
            "Fischmarkt in {place} zählt {number} neue Stände",
        ],
        lead: &[
            "Die Händler in {place} haben {number} Prozent mehr verkauft als vor einem Jahr.",
            "Die Handelskammer in {place} hat am Morgen ihre Zahlen vorgelegt.",
        ],
        sentences: &[
            "Holz und Stahl wurden langsamer teurer als im Frühjahr.",
            "{person}, seit neun Jahren Leiter der Werft, sprach von einer vorsichtigen Erholung.",
            "Rund {number} Haushalte beantworteten die Umfrage, mehr als je zuvor.",
            "Der Rat will die zusätzlichen Einnahmen für Schulen und Kaimauern ausgeben.",
            "Auf Container warten die Exporteure noch immer länger als vor dem Winter.",
        ],
    },
    Beat {
        language: "es",
        category: "Deportes",
        headlines: &[
            "{place} gana la regata por {number} segundos",
            "Un gol en el último minuto lleva a {place} a la final",
            "{person} deja {place} tras {number} partidos",
        ],
        lead: &[
            "Ante {number} centenares de espectadores, {place} decidió el partido en los últimos minutos.",
            "La tripulación de {place} cruzó la meta en primer lugar y lo celebró hasta la noche.",
        ],
        sentences: &[
            "{person} marcó dos goles y dio el pase del tercero.",
            "Los visitantes ganaban al descanso y dieron en el poste poco antes del final.",
            "Es el primer título del club en {number} años.",
            "El árbitro detuvo el juego diez minutos a causa de la niebla.",
            "El entrenador elogió a los jóvenes que salieron después del descanso.",
        ],
    },
];
