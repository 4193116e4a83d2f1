//! Words that say nothing by themselves: articles, pronouns, prepositions, conjunctions, auxiliaries, and the
//! commonest verbs and adverbs of news. Our own lists.

use crate::packed::{ByHash, hash};
use std::sync::OnceLock;

const LISTS: [(&str, &str); 10] = [
    (
        "en",
        "a about above according across after again against ago all almost alone along already also although always am among an and another any anybody anyone anything are around as ask asked at away back be became because become becomes been before began behind being below between both but by call called came can cannot come could day days did do does done down during each either else enough especially even ever every everybody everyone everything far few find first for former found from full further gave get gets getting give given go goes going good got great had has have having he her here hers herself him himself his how however i if in include includes including indeed instead into is it its itself just keep kept know known last late later least less let like likely long look made mainly make makes making many may maybe me meanwhile might mine more moreover most much must my myself near nearly need neither never new next no nobody none nor not nothing now of off often old on once one only onto or other others our ours ourselves out over own part per perhaps put quite rather re really recent recently said same saw say saying says see seem seemed seems seen set several shall she should show showed since so some somebody someone something soon still such take taken tell ten than that the their theirs them themselves then there thereby therefore these they thing things think this those though three through throughout thus time times to today together told too took toward towards two under unless until up upon us use used using usually very via want wanted was way ways we week weeks well went were what whatever when whenever where whereas whether which while who whole whom whose why will with within without would year years yes yesterday yet you your yours yourself monday tuesday wednesday thursday friday saturday sunday",
    ),
    (
        "de",
        "ab aber alle allem allen aller alles als also am an andere anderen anderer anderes auch auf aus außerdem bei beim bereits bin bis bisher bist da dabei dadurch dafür dagegen daher damit danach dann daran darauf darin darüber das dass davon dazu dein dem den denen denn der deren des dessen die dies diese diesem diesen dieser dieses doch dort durch ein eine einem einen einer eines einige einigen er erst es etwa etwas für gab gegen geht gibt habe haben hat hatte hatten hätte hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ins ist ja jede jedem jeden jeder jedoch jetzt kann kein keine keinen können könnte machen man mehr mein mit muss müssen nach nachdem neben nicht nichts noch nun nur ob oder ohne sagte schon sehr sei sein seine seinem seinen seiner seit selbst sich sie sind so sogar soll sollen sollte sondern sowie über um und uns unser unter viel viele vom von vor war waren warum was weil weiter welche wenn wer werde werden wie wieder will wir wird wo wollen worden wurde wurden würde zu zum zur zwar zwei zwischen",
    ),
    (
        "fr",
        "a afin ai ainsi alors après au aucun aussi autre autres aux avait avant avec avoir c car ce ceci cela celle celles celui ces cet cette ceux chez comme contre d dans de déjà depuis dernier dernière des deux donc dont du elle elles en encore entre est et étaient était étant été être eu eux fait faire fois font hier il ils j je jour jusqu l la le les leur leurs lors lui m ma mais me même mêmes mes moi moins mon n ne ni non nos notre nous on ont ou où par parce pas pendant peu peut peuvent plus plusieurs pour pourrait pourquoi près puis qu quand que quel quelle quelles quels qui quoi s sa sans se selon sera ses si soit son sont sous sur t ta te tes toi ton tous tout toute toutes très trois trop tu un une vers vos votre vous y",
    ),
    (
        "es",
        "a al algo algunas algunos ante antes aquel aquella así aún aunque bajo bien cada casi como con contra cual cuales cuando cuatro de del desde después dice dijo donde dos durante e el él ella ellas ellos en entre era eran es esa esas ese eso esos está están esta estaba estas este esto estos fue fueron ha había hace hacer hacia han hasta hay la las le les lo los más me menos mi mientras mis mismo muy nada ni no nos nosotros nuestra nuestro o otra otras otro otros para parte pero poco por porque primera primero pues puede pueden que qué quien quienes se sea según ser si sí sido sin sino sobre solo sólo son su sus también tan tanto te tiene tienen toda todas todo todos tras tres tu tus un una unas uno unos y ya yo años año día",
    ),
    (
        "pt",
        "a à ao aos as às até com como da das de dela dele deles depois do dos e é ela elas ele eles em entre era essa esse esta está estão este eu foi foram há isso isto já lhe mais mas mesmo muito na nas não nem no nos nós num numa o os ou para pela pelas pelo pelos por porque quando que quem se segundo sem ser seu seus são só sua suas também te tem têm ter um uma umas uns você anos ano dia disse sobre ainda onde outra outro outros",
    ),
    (
        "it",
        "a ad agli ai al alla alle allo anche ancora avere aveva c che chi ci come con contro cui da dagli dai dal dalla dalle dei degli del della delle dello dentro di dopo dove due e è ed era erano essere fa fra fino gli ha hanno i il in io l la le lei li lo loro lui ma mentre mi mio molto ne negli nei nel nella nelle nello noi non nostro o ogni oltre ora per perché però più poi prima può quale quando quanto quella quelle quelli quello questa queste questi questo qui se secondo sei senza si sia solo sono sopra stata stato su sua sue sugli sui sul sulla sulle suo suoi tra tre tutta tutte tutti tutto un una uno anni anno ha detto",
    ),
    (
        "nl",
        "aan af al alle als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een eens en er ge geen geweest haar had heb hebben heeft hem het hier hij hoe hun iemand iets ik in is ja je jaar kan kon kunnen maar me meer men met mij mijn moet moeten na naar niet niets nog nu of om omdat onder ons ook op over reeds te tegen toch toen tot tussen twee u uit uw van veel volgens voor want waren was wat we wel werd werden wezen wie wij wil worden wordt zal ze zegt zei zelf zich zij zijn zo zonder zou",
    ),
    (
        "sv",
        "alla allt andra att av bara blev bli blir både de dem den denna deras dess det detta dig din dock du där då efter ej eller en enligt er ett från få får för före genom ha hade han hans har hela henne hennes hon honom hur här i icke in inför ingen inom inte jag kan kommer kunde man med mellan men mer mig min mot mycket nu när någon något några och om oss på samma sedan sig sin sina sitt ska skulle som säger så till två under upp ut utan vad var vara varför varit vi vid vilka vilken är än åt år över",
    ),
    (
        "da",
        "af alle alt anden at blev blive bliver da de dem den denne der deres det dette dig din dog du efter eller en end er et flere for fra før få får gennem ham han hans har havde have hende hendes her hos hun hvad hvis hvor i ifølge ikke ind jeg jer jo kan kom kommer kunne man mange med meget mellem men mere mig min mod må ned nogle nu når og også om op os over på samme se selv siden siger sig sin skal skulle som så til ud under var ved vi vil ville være været år",
    ),
    (
        "no",
        "alle alt andre at av ble bli blir både da de deg dem den denne der deres det dette din du eller en enn er et etter fikk flere for fra før få får gjennom ha hadde han hans har hele henne hennes her hun hva hvis hvor hvordan i ifølge ikke ingen inn jeg kan kom kommer kunne man mange med meg mellom men mer mot mye ned noe noen nå når og også om opp oss over på samme seg selv sier sin siden skal skulle som så til under ut var ved vi vil ville være vært år",
    ),
];

/// Idle words, by hash.
pub(super) type Idle = ByHash<()>;

/// The idle words of a language, by its code; none for a language without a list.
pub(super) fn of(language: &str) -> Option<&'static Idle> {
    static SETS: [OnceLock<Idle>; LISTS.len()] = [const { OnceLock::new() }; LISTS.len()];
    let primary = language.split('-').next().unwrap_or(language);
    let primary = if matches!(primary, "nb" | "nn") { "no" } else { primary };
    let at = LISTS.iter().position(|(code, _)| *code == primary)?;
    Some(SETS[at].get_or_init(|| LISTS[at].1.split(' ').map(|word| (hash(word.as_bytes()), ())).collect()))
}
