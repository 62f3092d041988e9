import { holds } from './words/words.ts';

interface Form {
  form: RegExp;
  /** What is meant, as a date or a part of one; undefined where it may be one of two. */
  date(at: Date, match: RegExpExecArray): string | undefined;
}

const numbers: Record<string, number> = {
  a: 1, an: 1, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10,
  einem: 1, einer: 1, zwei: 2, drei: 3, vier: 4, un: 1, una: 1, dos: 2, tres: 3, cuatro: 4,
  一: 1, 两: 2, 二: 2, 三: 3, 四: 4, 五: 5,
}; // biome-ignore format: a table

const weekdays: Record<string, readonly string[]> = {
  en: ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
  de: ['sonntag', 'montag', 'dienstag', 'mittwoch', 'donnerstag', 'freitag', 'samstag'],
  es: ['domingo', 'lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado'],
};

const day = (days: number) => (at: Date) => isoDay(shifted(at, days));
const month = (months: number) => (at: Date) =>
  isoDay(new Date(at.getFullYear(), at.getMonth() + months, 1, 12)).slice(0, 7);
const year = (years: number) => (at: Date) => String(at.getFullYear() + years);
const inUnits = (sign: 1 | -1) => (at: Date, match: RegExpExecArray) => {
  const { count = '', unit = '' } = match.groups ?? {};
  const amount = (numbers[count.toLowerCase()] ?? Number(count)) * sign;
  if (/^(?:day|tag|día|天|日)/i.test(unit)) {
    return isoDay(shifted(at, amount));
  }
  if (/^(?:week|woche|semana|周|週)/i.test(unit)) {
    return isoDay(shifted(at, 7 * amount));
  }
  return /^(?:month|monat|mes|个月|ヶ月|か月)/i.test(unit) ? month(amount)(at) : year(amount)(at);
};

const forms: Record<string, readonly Form[]> = {
  en: [
    { form: holds('day after tomorrow'), date: day(2) },
    { form: holds('day before yesterday'), date: day(-2) },
    { form: holds('today|tonight|this (?:morning|afternoon|evening)'), date: day(0) },
    { form: holds('(?<!after )tomorrow(?: (?:morning|afternoon|evening|night))?'), date: day(1) },
    { form: holds('(?<!before )yesterday(?: (?:morning|afternoon|evening))?|last night'), date: day(-1) },
    {
      form: holds(
        `(?<which>next|this|on|last) (?<day>${weekdays.en?.join('|')})(?! the \\d|,? (?:\\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)))`,
      ),
      date: weekday('en'),
    },
    { form: holds('next month'), date: month(1) },
    { form: holds('last month'), date: month(-1) },
    { form: holds('this month'), date: month(0) },
    { form: holds('next year'), date: year(1) },
    { form: holds('last year'), date: year(-1) },
    { form: holds('this year'), date: year(0) },
    {
      form: holds(
        'in (?<count>\\d+|a|one|two|three|four|five|six|seven|eight|nine|ten) (?<unit>day|week|month|year)s?(?! ago)',
      ),
      date: inUnits(1),
    },
    {
      form: holds(
        '(?<count>\\d+|a|an|one|two|three|four|five|six|seven|eight|nine|ten) (?<unit>day|week|month|year)s? ago',
      ),
      date: inUnits(-1),
    },
    { form: holds('(?:next|last|this) week(?!end)'), date: week },
  ],
  de: [
    { form: holds('übermorgen'), date: day(2) },
    { form: holds('vorgestern'), date: day(-2) },
    { form: holds('heute(?: (?:früh|morgen|mittag|nachmittag|abend))?'), date: day(0) },
    {
      form: holds(
        '(?<!(?:guten|jeden|heute|am|der|gestern) )morgen(?: (?:früh|mittag|nachmittag|abend))?(?! (?:ist|war) )',
      ),
      date: day(1),
    },
    { form: holds('gestern(?: (?:früh|morgen|mittag|nachmittag|abend))?'), date: day(-1) },
    {
      form: holds(`(?<which>nächste[nr]|diese[nr]|letzte[nr]|am) (?<day>${weekdays.de?.join('|')})`),
      date: weekday('de'),
    },
    { form: holds('nächste[ns]? Monat'), date: month(1) },
    { form: holds('letzte[ns]? Monat'), date: month(-1) },
    { form: holds('nächste[ns]? Jahr'), date: year(1) },
    { form: holds('letzte[ns]? Jahr'), date: year(-1) },
    {
      form: holds('in (?<count>\\d+|einem|einer|zwei|drei|vier) (?<unit>Tag|Woche|Monat|Jahr)(?:e?n?)'),
      date: inUnits(1),
    },
    {
      form: holds('vor (?<count>\\d+|einem|einer|zwei|drei|vier) (?<unit>Tag|Woche|Monat|Jahr)(?:e?n?)'),
      date: inUnits(-1),
    },
  ],
  es: [
    { form: holds('pasado mañana'), date: day(2) },
    { form: holds('anteayer'), date: day(-2) },
    { form: holds('hoy|esta (?:mañana|tarde|noche)'), date: day(0) },
    {
      form: holds('(?<!(?:la|una|pasado|esta|cada|buena) )mañana(?: por la (?:mañana|tarde|noche))?'),
      date: day(1),
    },
    { form: holds('ayer|anoche'), date: day(-1) },
    {
      form: holds(`(?<which>el próximo|este|el pasado|el) (?<day>${weekdays.es?.join('|')})`),
      date: weekday('es'),
    },
    { form: holds('(?:el )?(?:próximo mes|mes que viene)'), date: month(1) },
    { form: holds('(?:el )?(?:mes pasado)'), date: month(-1) },
    { form: holds('(?:el )?(?:próximo año|año que viene)'), date: year(1) },
    { form: holds('(?:el )?año pasado'), date: year(-1) },
    {
      form: holds(
        '(?:en|dentro de) (?<count>\\d+|un|una|dos|tres|cuatro) (?<unit>día|semana|mes|año)(?:e?s)?',
      ),
      date: inUnits(1),
    },
    {
      form: holds('hace (?<count>\\d+|un|una|dos|tres|cuatro) (?<unit>día|semana|mes|año)(?:e?s)?'),
      date: inUnits(-1),
    },
  ],
  zh: [
    { form: /今天|今晚|今早/u, date: day(0) },
    { form: /明天|明晚|明早/u, date: day(1) },
    { form: /后天|後天/u, date: day(2) },
    { form: /昨天|昨晚/u, date: day(-1) },
    { form: /前天/u, date: day(-2) },
    { form: /(?<which>下|上|这)(?:周|週|星期|礼拜)(?<day>[一二三四五六日天])/u, date: chineseWeekday },
    { form: /下个?月/u, date: month(1) },
    { form: /上个?月/u, date: month(-1) },
    { form: /明年/u, date: year(1) },
    { form: /去年/u, date: year(-1) },
    { form: /(?<count>\d+|[一两二三四五])(?<unit>天|周|个月|年)后/u, date: inUnits(1) },
    { form: /(?<count>\d+|[一两二三四五])(?<unit>天|周|个月|年)前/u, date: inUnits(-1) },
  ],
  ja: [
    { form: /今日|今夜|今晩|今朝/u, date: day(0) },
    { form: /明日(?!香)|明晩/u, date: day(1) },
    { form: /明後日|あさって/u, date: day(2) },
    { form: /昨日|昨夜|昨晩/u, date: day(-1) },
    { form: /一昨日|おととい/u, date: day(-2) },
    { form: /来月/u, date: month(1) },
    { form: /先月/u, date: month(-1) },
    { form: /来年/u, date: year(1) },
    { form: /去年|昨年/u, date: year(-1) },
    { form: /(?<count>\d+)(?<unit>日|週間|[かヶ]月|年)後/u, date: inUnits(1) },
    { form: /(?<count>\d+)(?<unit>日|週間|[かヶ]月|年)前/u, date: inUnits(-1) },
  ],
};

const MAX_DATES = 4;

/**
 * Says behind words such as "tomorrow" which date that was when it was said, in the time zone of this machine.
 * "Next Friday" is the coming one to some and the one after it to others: where they differ, the date it was said on stands there.
 */
export function withDates(text: string, language: string, at: number): string {
  if (habitual.test(text)) return text;
  const said = new Date(at);
  let told = text;
  let found = 0;
  for (const { form, date } of forms[language] ?? []) {
    const match = form.exec(told);
    const end = match ? match.index + match[0].length : 0;
    if (match && found < MAX_DATES && !/^ ?[(（]/.test(told.slice(end))) {
      const wide = language === 'zh' || language === 'ja';
      const value = date(said, match) ?? `${saidOn[language] ?? ''}${isoDay(said)}`;
      told = `${told.slice(0, end)}${wide ? `（${value}）` : ` (${value})`}${told.slice(end)}`;
      found++;
    }
  }
  return told;
}

const saidOn: Record<string, string> = {
  en: 'said on ',
  de: 'gesagt am ',
  es: 'dicho el ',
  zh: '说于',
  ja: '発言日',
};

function weekday(language: string) {
  return (at: Date, match: RegExpExecArray) => {
    const { which = '', day: name = '' } = match.groups ?? {};
    const ahead = ((weekdays[language]?.indexOf(name.toLowerCase()) ?? 0) - at.getDay() + 7) % 7 || 7;
    if (/^(?:last|letzte|el pasado)/i.test(which)) {
      return isoDay(shifted(at, ahead - 7));
    }
    const staysInWeek = ((at.getDay() + 6) % 7) + ahead <= 6;
    if (/^(?:next|nächste|el próximo)/i.test(which)) {
      return staysInWeek ? undefined : isoDay(shifted(at, ahead));
    }
    // Said on that very weekday, it may be today or in a week.
    return ahead === 7 ? undefined : isoDay(shifted(at, happened.test(match.input) ? ahead - 7 : ahead));
  };
}

const happened = /(?<!\p{L})(?:was|were|went|had|met|hatte|war|fui|tuve|estuve|\p{L}{3,}ed)(?!\p{L})/iu;
/** Where weekdays are any of their kind. */
const habitual = holds(
  'always|usually|every|each|normally|often|immer|jede[nrs]?|meistens|oft|siempre|cada|todos',
);

/** The next week, said of weekdays in Chinese, is the one that begins on the coming Monday. */
function chineseWeekday(at: Date, match: RegExpExecArray): string {
  const { which = '', day: name = '' } = match.groups ?? {};
  const wanted = '一二三四五六日'.indexOf(name === '天' ? '日' : name);
  const weeks = which === '下' ? 7 : which === '上' ? -7 : 0;
  return isoDay(shifted(at, wanted - ((at.getDay() + 6) % 7) + weeks));
}

/** The Monday of that week. */
function week(at: Date, match: RegExpExecArray): string {
  const weeks = /^next/i.test(match[0]) ? 7 : /^last/i.test(match[0]) ? -7 : 0;
  return `week of ${isoDay(shifted(at, weeks - ((at.getDay() + 6) % 7)))}`;
}

const shifted = (at: Date, days: number) =>
  new Date(at.getFullYear(), at.getMonth(), at.getDate() + days, 12);

const isoDay = (at: Date) =>
  `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
