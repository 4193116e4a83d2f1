//! Months and days of the week by their names.

/// English, German, French, Spanish, Portuguese, Italian, Dutch, the Scandinavian languages, Polish, Czech, Russian,
/// Ukrainian, Turkish, Hungarian, Greek and Indonesian: whole names and short ones that are no beginning of a whole one.
const NAMES: [&str; 12] = [
    "january januar jänner janvier enero janeiro gennaio januari styczeń stycznia leden ledna январь января ocak \
     január ιανουάριος ιανουαρίου ιαν січень січня",
    "february februar feber février fevrier febrero fevereiro febbraio februari luty lutego únor února февраль февраля \
     şubat subat február φεβρουάριος φεβρουαρίου φεβ лютий лютого",
    "march märz maerz mars marts marzo março maart mrz mär mrt marzec marca březen března март марта mart március \
     μάρτιος μαρτίου μάρ μαρ μάώ μαώ maret березень березня",
    "april avril abril aprile kwiecień kwietnia duben dubna апрель апреля nisan április απρίλιος απριλίου απρ \
     квітень квітня",
    "may mai mayo maio maggio mei maj maja květen května май мая mayıs mayis május μάιος μαΐου μάι μαϊ μαι \
     травень травня",
    "june juni juin junio junho giugno czerwiec czerwca červen června июнь июня haziran június ιούνιος ιουνίου ιούν \
     ιον червень червня",
    "july juli juillet julio julho luglio lipiec lipca červenec července июль июля temmuz július ιούλιος ιουλίου ιούλ \
     ιολ липень липня",
    "august août aout agosto augustus augusti sierpień sierpnia srpen srpna август августа ağustos agustos augusztus \
     αύγουστος αυγούστου αύγ αυγ agustus серпень серпня",
    "september septembre septiembre setembro settembre wrzesień września září сентябрь сентября eylül eylul szeptember \
     σεπτέμβριος σεπτεμβρίου σεπ вересень вересня",
    "october oktober octobre octubre outubro ottobre październik października říjen října октябрь октября ekim október \
     οκτώβριος οκτωβρίου οκτ жовтень жовтня",
    "november novembre noviembre novembro listopad listopada listopadu ноябрь ноября kasım kasim νοέμβριος νοεμβρίου \
     νοέ νοε nopember листопад листопада",
    "december dezember décembre decembre diciembre dezembro dicembre desember grudzień grudnia prosinec prosince \
     декабрь декабря aralık aralik δεκέμβριος δεκεμβρίου δεκ грудень грудня",
];

/// The month of a name in lower case, whole or cut to three letters or more, where that names one month only.
pub(super) fn month(name: &str) -> Option<i8> {
    if name.chars().count() < 3 || name.chars().any(|c| !c.is_alphabetic()) {
        return None;
    }
    let months = || (1..).zip(&NAMES);
    let whole = months().find(|(_, names)| names.split(' ').any(|known| known == name));
    if let Some((month, _)) = whole {
        return Some(month);
    }
    let mut found = months().filter(|(_, names)| names.split(' ').any(|known| known.starts_with(name)));
    let (first, _) = found.next()?;
    found.next().is_none().then_some(first)
}

/// Words that say nothing that the rest of a date does not: days of the week, and little words.
const NOISE: &str = "monday tuesday wednesday thursday friday saturday sunday tues weds thurs \
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so \
    lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim \
    lunes martes miércoles miercoles jueves viernes sábado sabado domingo mié jue vie sáb dom \
    segunda terça quarta quinta sexta feira seg ter qua qui sex \
    lunedì martedì mercoledì giovedì venerdì sabato domenica gio \
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma wo vr za zo \
    måndag tisdag onsdag torsdag fredag lördag søndag lørdag mandag tirsdag søn lør mån tis ons tor fre lör sön \
    poniedziałek wtorek środa czwartek piątek sobota niedziela pon wt śr czw pt sob niedz nd \
    pondělí úterý středa čtvrtek pátek neděle po út st čt pá ne \
    понедельник вторник среда четверг пятница суббота воскресенье пн вт ср чт пт сб вс \
    pazartesi salı çarşamba perşembe cuma cumartesi pazar pzt sal çar per cum cmt paz \
    hétfő kedd szerda csütörtök péntek szombat vasárnap \
    δευ τρι τετ πεμ παρ σαβ κυρ δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή \
    at on of de del um uhr le à den der the kl klo il o las al h hs am г року р ";

/// True for a word in lower case that may be passed over.
pub(super) fn is_noise(word: &str) -> bool {
    let english = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    english.contains(&word) || NOISE.split_whitespace().any(|known| known == word)
}
