/**
 * What has one value at a time, by language: another value replaces the first. Groups: `value`, `subject` where it is not the
 * user, and `thing` of which it is; tried in this order, on sentences as records keep them.
 */
export interface Attribute {
  name: string;
  form: RegExp;
}

const clock = '(?:\\d{1,2}(?:[:.]\\d{2})?\\s?(?:am|pm|uhr|h)?|noon|midnight)';
const time = {
  en: `(?:mon|tues|wednes|thurs|fri|satur|sun)day\\S*|(?:january|february|march|april|may|june|july|august|september|october|november|december)\\S*|tomorrow|today|tonight|next \\p{L}+|the \\d+\\p{L}*|${clock}|\\d{4}-\\d\\d-\\d\\d|q[1-4]`,
  de: `(?:nächste\\p{L} )?(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)|\\d{1,2}\\.|morgen|heute|${clock}`,
  es: `(?:lunes|martes|miércoles|jueves|viernes|sábado|domingo)|\\d{1,2}(?: de \\p{L}+)?|mañana|hoy|las? ${clock}`,
  zh: '(?:下|这|上)?(?:周|星期|礼拜)[一二三四五六日天]|\\d+月\\d+[日号]|\\d+[日号]|(?:上午|下午|晚上|早上)?[\\d一二三四五六七八九十]+点|明天|今天|后天',
  ja: '(?:来週の?|今週の?)?[月火水木金土日]曜日?|\\d+月\\d+日|\\d+日|(?:午前|午後)?\\d+時|明日|今日',
};
const status = {
  en: 'single|married|divorced|engaged|widowed|separated|pregnant|unemployed|retired|employed|in a relationship',
};

const of = (...pairs: [name: string, form: string][]): Attribute[] =>
  pairs.map(([name, form]) => ({ name, form: new RegExp(form, 'iu') }));

const adverbs = '(?:(?:now|currently|still|recently|just|also|already|since|again|back|permanently) )*';
const joined = '(?:(?:has|have|had|was|were|is|are|got|been|being) )*';

export const attributes: Readonly<Record<string, readonly Attribute[]>> = {
  en: of(
    [
      'time',
      `^(?<subject>.+?) ${adverbs}(?:(?:is|are|was|will be|has been|have been|got|been|had to be|gets|takes place|starts|begins|leaves|departs|arrives|opens|ends|happens) ${adverbs})*(?:(?:moved|rescheduled|scheduled|postponed|pushed(?: back)?|brought forward|delayed|changed|shifted|planned|set|due) )?(?:for|on|at|to|until|till|by) (?:the )?(?<value>(?:${time.en}).*)$`,
    ],
    [
      'residence',
      `^(?:(?<subject>.+?) )${joined}${adverbs}(?:lives?|resides?|living|based|moved|relocated|moves) ${adverbs}(?:(?:here )?(?:from \\p{L}+ )?)(?:in|to|at|near|outside) (?<value>.+)$`,
    ],
    [
      'employer',
      `^(?:(?<subject>.+?) )${joined}${adverbs}(?:works?|worked|working|employed|joined|started(?: a (?:new )?job| working| work)?|changed jobs|got a (?:new )?job|switched) ${adverbs}(?:(?:at|for|with|to|by) )?(?<value>\\p{Lu}.+)$`,
    ],
    ['name', "^(?<subject>.+?)(?:'s name)? (?:is|was|are) (?:now )?(?:called|named|nicknamed) (?<value>.+)$"],
    ['name', "^(?<subject>.+)'s name is (?:now )?(?<value>.+)$"],
    [
      'age',
      '^(?<subject>.+?) (?:is|turned|just turned|has turned) (?:now )?(?<value>\\d{1,3})(?: years old| today| yesterday| now|[ ,.]|$)',
    ],
    [
      'count',
      '^(?<subject>.+?) (?:now |currently )?(?:has|have|owns|own) (?:now |got )?(?<value>\\d+|one|two|three|four|five|six|seven|eight|nine|ten) (?<thing>\\p{L}+)',
    ],
    [
      'language',
      "^the user's (?:always )?(?:answer|reply|respond|speak|write).*? in (?<value>\\p{Lu}\\p{L}+)",
    ],
    [
      'status',
      `^(?<subject>.+?) (?:is|are|got|has been|became)(?: now| recently| still| currently)? (?<value>${status.en})`,
    ],
    [
      'value',
      "^(?<subject>(?:the user's|the|their|our|his|her) .+?) (?:is|are|was changed to|has been changed to|changed to|has changed to|became|went up to|rose to|dropped to|increased to|decreased to|has been (?:raised|increased|lowered|reduced) to|was (?:raised|increased|lowered|reduced) to)(?: now| currently| actually)? (?<value>.+)$",
    ],
  ),
  de: of(
    [
      'language',
      '^(?:antworte|schreib|sprich|sprechen|antworten)(?:e|en)?(?: \\p{L}+)*? auf (?<value>\\p{Lu}\\p{L}+)',
    ],
    [
      'time',
      `^(?<subject>(?:der|die|das|mein\\p{L}*|unser\\p{L}*) .+?) (?:ist|findet|wurde|wird|beginnt|startet|war|fährt|fliegt)(?: \\p{L}+)*? (?:am|um|auf|im|bis|für)(?: den)? (?<value>(?:${time.de}).*)$`,
    ],
    [
      'residence',
      '^(?:ich|wir|(?<subject>.+?)) (?:wohne?n?t?|leb(?:e|en|t)) (?:(?:jetzt|nun|inzwischen|mittlerweile|noch|seit \\S+(?: \\d+)?) )*in (?<value>.+)$',
    ],
    [
      'residence',
      '^(?:ich|wir|(?<subject>.+?)) (?:bin|sind|ist) (?:.* )?(?:nach|in) (?<value>.+?) (?:um)?gezogen.*$',
    ],
    [
      'employer',
      '^(?:ich|wir|(?<subject>.+?)) arbeite?n?t? (?:(?:jetzt|nun|inzwischen|seit \\S+(?: \\d+)?) )*(?:bei|für) (?:der |dem )?(?<value>.+)$',
    ],
    ['employer', '^ich (?:bin|habe) (?:.* )?zu (?<value>\\p{Lu}\\S*) gewechselt.*$'],
    ['name', '^(?:ich|(?<subject>.+?)) hei(?:ße|ßt) (?:jetzt )?(?<value>.+)$'],
    ['age', '^(?:ich bin|(?<subject>.+?) ist) (?:jetzt )?(?<value>\\d{1,3})(?: jahre?(?: alt)?)?[.!]?$'],
    ['age', '^(?:ich bin|(?<subject>.+?) ist) .*?(?<value>\\d{1,3}) (?:jahre(?: alt)?|geworden)'],
    [
      'value',
      '^(?<subject>(?:mein\\p{L}*|unser\\p{L}*|der|die|das) .+?) (?:ist|sind|beträgt|lautet)(?: jetzt| nun| inzwischen| doch)? (?<value>.+)$',
    ],
  ),
  es: of(
    [
      'language',
      '^(?:siempre )?(?:responde|contesta|habla|escribe)\\p{L}*(?: \\p{L}+)*? en (?<value>\\p{L}+)',
    ],
    [
      'time',
      `^(?<subject>(?:el|la|mi|nuestr[oa]) .+?) (?:es|será|se (?:movió|pospuso|cambió|trasladó|aplazó|adelantó)|empieza|sale|fue (?:movid|aplazad|cambiad)[oa])(?: ahora)? (?:al?|el|para el|en) (?<value>(?:el )?(?:${time.es}).*)$`,
    ],
    [
      'residence',
      '^(?:ahora |actualmente )?(?:(?:yo )?vivo|vivimos|(?<subject>.+?) vive) (?:ahora |actualmente )?en (?<value>.+)$',
    ],
    [
      'residence',
      '^(?:ahora )?(?:me (?:mudé|he mudado)|nos (?:mudamos|hemos mudado)|(?<subject>.+?) se (?:mudó|ha mudado)) (?:a|para) (?<value>.+)$',
    ],
    [
      'employer',
      '^(?:ahora |actualmente )?(?:(?:yo )?trabajo|(?<subject>.+?) trabaja) (?:ahora |actualmente )?(?:en|para|con) (?<value>.+)$',
    ],
    ['name', '^(?:me llamo|(?<subject>.+?) se llama) (?<value>.+)$'],
    ['age', '^(?:ya |ahora )?(?:tengo|cumplí|(?<subject>.+?) tiene) (?:ya |ahora )?(?<value>\\d{1,3}) años'],
    [
      'value',
      '^(?:ahora |actualmente |ya )?(?<subject>(?:mis?|el|la|nuestr[oa]) .+?) (?:es|son)(?: ahora)? (?<value>.+)$',
    ],
  ),
  zh: of(
    ['language', '用(?<value>\\p{Script=Han}文|\\p{Script=Han}{1,2}语)(?:来)?(?:回答|回复|交流|写)'],
    [
      'time',
      `^(?<subject>[^，,。]{1,15}?)(?:的时间)?(?:现在|已经|又)?(?:是|在|定在|安排在|改到|改在|改成|推迟到|提前到|延期到|开始于)(?:了)?(?<value>(?:${time.zh}).*)$`,
    ],
    [
      'residence',
      '^(?:我们?|(?<subject>[^，,。]{1,10}?))?(?:现在|目前|已经|最近|刚)*(?:住在|定居在|搬到|搬去|搬家到|移居到?)(?:了)?(?<value>[^，,。]+)',
    ],
    [
      'employer',
      '^(?:我|(?<subject>[^，,。]{1,10}?))?(?:现在|目前|最近)*(?:在|跳槽到|加入)(?:了)?(?<value>[^，,。]+?)(?:工作|上班|任职|$)',
    ],
    ['name', '^(?:我|(?<subject>[^，,。]{1,10}?))(?:的名字)?(?:叫做?|名叫)(?<value>[^，,。]+)'],
    ['age', '^(?:我|(?<subject>[^，,。]{1,10}?))(?:今年|现在|已经|刚满|刚)*(?<value>\\d{1,3})岁'],
    [
      'value',
      '^(?:我)?(?:现在)?(?<subject>(?:我|我们)?的?[^，,。]{1,12}?)(?:现在)?(?:是|为|改成|改为|变成)了?(?<value>[^，,。]+)',
    ],
  ),
  ja: of(
    ['language', '(?<value>\\p{Script=Han}{1,3}語)で(?:答え|回答|返事|返信|話)'],
    ['time', `^(?<subject>[^、。]{1,15}?)(?:は|が)(?:今|現在)?は?、?(?<value>(?:${time.ja}).*)$`],
    [
      'residence',
      '^(?:(?:私|僕|俺)(?:は|たちは)|(?<subject>[^、。]{1,10}?)は)?(?:、)?(?:今は?|現在は?|最近)?、?(?<value>[^、。は]+?)(?:に住ん|で暮ら|に引っ越し|へ引っ越し|に移り)',
    ],
    [
      'employer',
      '^(?:(?:私|僕|俺)は|(?<subject>[^、。]{1,10}?)は)?(?:、)?(?:今は?|現在は?)?、?(?<value>[^、。は]+?)(?:で働|に勤め|に転職|に入社)',
    ],
    ['name', '^(?:(?:私|僕|俺)の|(?<subject>[^、。]{1,10}?)の)?名前は(?<value>[^、。]+?)(?:です|だ|。|$)'],
    ['name', '^(?:(?:私|僕|俺)は|(?<subject>[^、。]{1,10}?)は)(?<value>[^、。は]+?)と(?:いい|言い|申し)'],
    ['age', '^(?:(?:私|僕|俺)は|(?<subject>[^、。]{1,10}?)は)?(?:今|もう)?(?<value>\\d{1,3})歳'],
    [
      'value',
      '^(?<subject>[^、。は]{1,15}?)は(?:今は?|現在は?)?、?(?<value>[^、。]+?)(?:です|だ|になりました|に変わりました|に変更|。|$)',
    ],
  ),
};
