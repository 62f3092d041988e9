import { groups, holds, leads, set, starts, type Words, whole } from './words.ts';

const beforeIt = '(?:(?:bitte|ok(?:ay)?|so|und|dann|also|hey|gut|danke|nun|jetzt|hallo)[, ]+)*';
const commands =
  'antworte|antworten sie|sprich|sprechen sie|duze|duzen sie|sieze|halte|benutze|verwende|nutze|schreib|schreibe|erkl[äa]r|erkl[äa]re|zeig|zeige|gib|mach|mache|hilf|sag|sage|such|suche|finde|find|nenne|nenn|erstelle|erstell|übersetze|übersetz|fasse|fass|schlag|vergleiche|berechne|plane|buche|buch|prüfe|prüf|korrigiere|verbessere|lies|liste|schick|schicke|empfiehl|erzähl|erzähle|überprüfe|nimm|lass|formuliere|ändere|lösche|öffne|starte|stell|stelle|warte|vergiss|bereite|organisiere|rechne|formatiere|analysiere|beschreibe|denk|denke|versuch|versuche';

export const german: Words = {
  language: 'de',
  filler: whole(
    "hallo(?: zusammen)?|hi|hey|moin|servus|guten (?:morgen|tag|abend)|gute nacht|danke(?: schön| sehr| dir| ihnen| vielmals)?(?: für [^.]*)?|vielen (?:lieben )?dank(?: für [^.]*)?|tschüss|tschüß|bis (?:bald|später|morgen|dann)|auf wiedersehen|ok(?:ay)?|ja|nein|nee|jo|klar|genau|richtig|stimmt|gut|super|toll|prima|perfekt|schön|cool|wow|ach so|aha|hm+|ähm?|alles klar|verstanden|verstehe|ich verstehe(?: das)?|kein problem|bitte(?: schön| sehr)?|gern(?:e)?(?: geschehen)?|ich weiß(?: es)? nicht|(?:das )?(?:klingt|ist|war|sieht)(?: ja| sehr| wirklich| echt)* (?:gut|super|toll|prima|perfekt|schön|interessant|hilfreich|lustig|nett|wahr|richtig|ok(?:ay)?)(?: aus)?|wie geht(?:’s|'s|s| es dir| es ihnen)|freut mich|schönen (?:tag|abend)(?: noch)?|moment(?: mal)?|mal sehen|ich (?:habe|hab) (?:noch )?eine frage(?: zu [^.]*)?|mir geht(?: e|’|')?s gut|das war(?:’s|s| es| alles)|ich glaube (?:schon|nicht|ja)|schade|interessant",
  ),
  question: starts(
    `${beforeIt}(?:(?:wer|was|wo|wohin|woher|wann|warum|wieso|weshalb|wie|welche[rsnm]?|wessen|wem|wen|wieviel) \\p{L}+|(?:kannst|könntest|können|könnten|hast|haben|bist|ist|sind|gibt|weißt|wissen|soll|sollte|sollen|darf|würdest|kennst|magst|möchtest|willst) (?:du|sie|es|ich|wir|das|man|der|die|jemand)|ich frage mich|ich wüsste gern)`,
  ),
  request: starts(
    `${beforeIt}(?:bitte|(?:kannst|könntest|würdest) du|(?:können|könnten|würden) sie|lass uns|(?:${commands})(?! ist )|ich (?:brauche|möchte|hätte gern|will|würde gern)(?: nur| noch| gern| gerne| bitte)* (?:deine|ihre|hilfe|eine (?:liste|idee|erklärung|zusammenfassung|übersetzung|antwort|geschichte)|ein (?:gedicht|beispiel|rezept|skript)|einen (?:text|tipp|rat|vorschlag|brief)|wissen|tipps|vorschläge|dass du)|du (?:sollst|sollst|kannst|musst)|ich suche(?: nach)? (?:tipps|ideen|rat|hilfe))`,
  ),
  hypothetical: holds(
    '^(?:wenn|falls|angenommen|stell dir vor|nehmen wir an)|ich wünschte|wäre ich|hätte ich doch|als ob',
  ),
  joke: /(?<!\p{L})(?:nur spaß|war ein scherz|kleiner scherz|scherz|haha+|lol)(?!\p{L})|[😂🤣😜]/iu,
  remember: leads(
    `${beforeIt}(?:(?:kannst|könntest) du (?:dir )?(?:bitte )?)?(?:merke? dir|merken sie sich|notiere?(?: dir)?|notieren sie(?: sich)?|behalte?(?: im kopf)?|denk(?:e)? daran|denk dran|vergiss nicht|vergessen sie nicht|speichere?|zur info|nur damit du(?:’s| es)? weißt)(?:,? bitte| dir| gut| das| folgendes)*(?:,? dass)?`,
  ),
  lead: leads(
    'also|naja|na ja|ach|übrigens|außerdem|und|aber|zudem|jedenfalls|ehrlich gesagt|wie gesagt|leider|zum glück|ich wollte (?:noch )?sagen,? dass|ich habe (?:dir )?(?:schon )?gesagt,? dass',
    'ok(?:ay)?|hallo(?: zusammen)?|hi|hey|moin|servus|ja|klar|gut|danke(?: schön)?|super|perfekt|noch (?:was|etwas)|guten (?:morgen|tag|abend)|alles klar|toll',
  ),
  correction: leads(
    'korrektur|eigentlich|tatsächlich|ich meinte|ich habe mich (?:geirrt|vertan|verschrieben)',
    'nein|nee|doch|moment|sorry|entschuldigung|quatsch|ich meine|das (?:stimmt|ist|war) (?:so )?(?:nicht(?: mehr)?|falsch|nicht richtig)|stimmt nicht|planänderung',
  ),
  change: holds(
    'jetzt|nun|nicht mehr|kein(?:e|en|er|em)? \\p{L}+ mehr|statt(?:dessen)?|inzwischen|mittlerweile|ab sofort|seit (?:heute|gestern|kurzem)|eigentlich|doch|umgezogen|gewechselt|geändert|verschoben|verlegt|neue[rsnm]?|ich meinte|früher|aufgehört|gekündigt|umbenannt|ersetzt|verkauft|getrennt',
  ),
  firstPerson: holds(
    'ich|mein|meine|meinen|meinem|meiner|meines|mir|mich|wir|unser|unsere|unseren|unserem|unserer|uns',
  ),
  backward: starts(
    '(?:und |aber )?(?:er|sie|es|das|dies|diese[rsnm]?|der|ihm|ihn|ihr|ihre|sein|seine|dort|beide|dafür|damit)',
  ),
  turning: starts(
    '(?:(?:ok(?:ay)?|danke|super|gut|und)[,.! ]+)*(?:noch (?:etwas|was|eine (?:andere )?frage)|etwas anderes|was anderes|anderes thema|andere frage|übrigens|nebenbei|zu einem anderen thema|außerdem|jetzt zu)',
  ),
  confirmation: starts(
    'ja|genau|richtig|stimmt|korrekt|klar|gern(?:e)?|einverstanden|perfekt|super|klingt gut|mach das|ok(?:ay)?,? (?:mach|gut|super|dann)|so machen wir(?:’s| es|s)',
  ),
  outcome: holds(
    '(?:ich habe|ich hab|wir haben)(?: \\p{L}+){1,8} (?:gebucht|reserviert|erstellt|geplant|behoben|gesendet|geschickt|bestellt|aktualisiert|storniert|gespeichert|verschoben|geändert|hinzugefügt|entfernt|installiert|eingerichtet|veröffentlicht|gelöst|beschlossen|entschieden)|(?:wurde|ist|sind|wurden) (?:\\p{L}+ ){0,6}(?:gebucht|bestätigt|reserviert|erstellt|behoben|bestellt|storniert|verschoben|installiert|eingerichtet|veröffentlicht|gelöst|beschlossen|genehmigt|abgelehnt)|(?:bestellnummer|buchungsnummer|ticketnummer|bestätigungsnummer)|(?:der grund|die ursache|das problem|der fehler|die lösung) (?:ist|war|lag)',
  ),
  claimed: holds(
    'du (?:bist|hast|wohnst|arbeitest|magst|willst|brauchst|nutzt)|dein(?:e|en|em|er)? \\p{L}+|sie (?:sind|haben|wohnen)|ihr(?:e|en)? \\p{L}+ (?:ist|sind)|ich (?:empfehle|schlage)|wir (?:sollten|nehmen|können)',
  ),
  clauses:
    /(?:,|;)?\s+(?:und|aber)\s+(?=(?:ich|mein|meine|meinen|meinem|meiner|wir|unser|unsere)(?!\p{L}))|,\s+(?=(?:kannst du|könntest du|können sie|bitte|was |wie |wo |welche|gibt es|hast du|empfiehl|schlag ))|\s*;\s+/iu,
  shared:
    /^(?<subject>[Ii]ch|[Ww]ir) (?<one>\S.*?),? und (?<two>(?:wohne|arbeite|habe|bin|mag|fahre|spreche|spiele|trinke|esse|lebe|studiere|liebe|hasse|wohnen|arbeiten|haben) .+)$/u,
  verb: holds('\\p{L}{2,}(?:e|t|st|en)|bin|ist|sind|war|habe?|mag|will|kann'),
  reason: /^(?:da|weil)\s+(?<because>(?:ich|wir|mein|meine)\s[^,]{4,}),\s+(?<rest>.{6,})$/iu,
  tag: /,?\s*(?:oder|ne|nicht wahr|gell|weißt du noch|richtig|danke|bitte)\s*[?.!]*$/iu,
  definite: starts(
    '(?:der|die|das|dieser?|dieses|jeder?|alle|ein|eine|den|dem|sein|seine|ihr|ihre|es gibt)(?= \\S+ \\S)',
  ),
  success: holds(
    '(?:es|das|alles|jetzt) (?:funktioniert|klappt|geht|läuft|hat (?:funktioniert|geklappt|geholfen))(?: jetzt| wieder)?(?! nicht)|hat geklappt|funktioniert(?:!|\\.|$)|problem gelöst|danke|vielen dank|perfekt|genau das|das war(?:’s| es|s)|super gemacht|klasse|erledigt|gelöst',
  ),
  abandoned: holds(
    'vergiss es|egal|ich geb(?:e)? auf|lass (?:es|gut sein|mal)|lassen wir(?:’s| es| das)|ich mach(?:e)? es (?:selbst|später)|brauche? (?:ich|es|das) (?:doch )?nicht mehr|hat keinen sinn|sinnlos',
  ),
  failure: holds(
    '(?:funktioniert|klappt|geht|läuft|hilft|startet)(?: \\p{L}+){0,3} nicht|fehler|fehlgeschlagen|kaputt|falsch|abgestürzt|immer noch (?:nicht|der|ein|falsch)|abgelehnt|ungültig|nicht gefunden|error|exception',
  ),
  negation: holds(
    'nicht|kein|keine|keinen|keinem|keiner|nie|niemals|nichts|ohne|aufgehört|hasse|hasst|ungern|vermeide',
  ),
  former: /(?:von|statt|anstatt|anstelle von) (?<former>[\p{L}\p{N}.-]+)/iu,
  exclusive: holds(
    'lieblings\\p{L}+|name|adresse|\\p{L}*nummer|e-?mail|geburtstag|frist|abgabetermin|budget|preis|miete|gehalt|\\p{L}*farbe|passwort|version|größe|zeitzone|datum|status|titel|beruf|alter|ziel',
  ),
  past: holds('war|waren|habe .* ge\\p{L}+(?:t|en)|wurde geboren|hatte'),
  subject:
    /^(?<subject>(?:mein\p{L}*|unser\p{L}*|der|die|das|ein\p{L}*|\p{Lu}\p{L}+) ?.*?) (?:ist|sind|war|hat|haben|wird|wurde|wurden|kann|muss|heißt|mag|findet|\p{Ll}{2,}t)(?!\p{L})/u,
  preferences: [
    { form: holds('(?:bevorzuge|bevorzugt|ziehe [^.]* vor|lieber|am liebsten|lieblings\\p{L}+)') },
    {
      form: holds(
        'ich (?:\\p{L}+ ){0,3}?(?:mag|liebe|hasse|genieße|verabscheue|schätze)|ich (?:\\p{L}+ ){1,4}gern(?:e)?|(?:gefällt|schmeckt|gefallen|schmecken) mir|mir (?:gefällt|schmeckt|gefallen|schmecken)|fan von|mag ich',
      ),
    },
    {
      form: holds(
        'ich (?:esse|trinke|mag|benutze|nutze|fliege|fahre|arbeite|trage|lese|schaue|höre)(?: \\p{L}+){0,4} (?:kein|keine|keinen|nicht|nie|immer|nur|meistens)|ich (?:esse|trinke|mag|benutze|nutze|fliege|fahre) (?:kein|keine|keinen|nie|immer|nur|meistens)',
      ),
    },
    {
      form: holds(
        'vegan|veganer|veganerin|vegetarier|vegetarierin|vegetarisch|glutenfrei|laktoseintolerant|laktosefrei|allergisch|allergie|allergien|halal|koscher|unverträglichkeit',
      ),
      category: 'diet',
    },
    {
      form: holds(
        '(?:antworte|antworten sie|schreib|schreibe|sprich|formuliere|nenn|nenne|fass|halte?)(?: \\p{L}+){0,3} (?:auf (?:deutsch|englisch|spanisch|französisch)|kurz|knapp|einfach|formell|in stichpunkten|mich|immer|nur|du|sie)|(?:antworte|schreib|schreibe|sprich)(?: mir)?(?: bitte)?(?: immer| nur| stets)+|keine emojis|duze|sieze|duzen|siezen|in zukunft|ab jetzt|künftig',
      ),
      category: 'communication',
    },
    {
      form: holds(
        'ich (?:benutze|nutze|verwende|programmiere (?:in|mit)|arbeite mit)|mein (?:editor|browser)',
      ),
      category: 'tools',
    },
    { form: holds('fensterplatz|gangplatz'), category: 'travel' },
  ],
  synonyms: groups(
    'mögen mag liebe',
    'gern gerne',
    'wohnen leben lebe wohne',
    '2 zwei',
    '3 drei',
    '4 vier',
    '5 fünf',
    'handy telefon',
  ),
  common: set(
    'der die das den dem des ein eine einen einem einer eines und oder aber wenn dann so als an am auf aus bei beim bis durch für gegen in im ins mit nach ohne über um unter von vom vor zu zum zur zwischen ist sind war waren bin bist sein wird werden wurde wurden habe hat haben hatte hatten kann können soll muss will ich mein meine meinen meinem meiner mir mich wir unser unsere uns du dein deine dir dich er ihn ihm sie ihr ihre es sich was wer wo wann wie warum welche dass ob da dort hier auch nur noch schon sehr doch mal jetzt nun ja nein bitte danke nicht kein keine keinen mehr man diese dieser dieses etwas alles immer nämlich eben halt eigentlich übrigens wohl ganz gar',
  ),
  dull: set(
    'gibt geben machen macht gut gute neu neue brauche brauchen möchte würde könnte sollte heute morgen gestern jahr jahre tag tage zeit bitte frage vielleicht viel viele wirklich eigentlich finde finden kannst können weiß denke leider gerne gern empfehle',
  ),
  stem: (word) =>
    word.length > 4
      ? word
          .replace(/(?:ern|em|er|en|es|st|e|n|s|t)$/, (end, at: number) => (at >= 3 ? '' : end))
          .replace(/(?:ern|em|er|en|es|e)$/, (end, at: number) => (at >= 4 ? '' : end))
      : word,
};
