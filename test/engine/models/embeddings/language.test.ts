import { expect, test } from 'vitest';
import { languageOf } from '../../../../src/engine/models/embeddings/language.ts';

/** Not those that the words were chosen by. */
const sentences: Record<string, string[]> = {
  en: [
    'How old is the dog that we adopted last spring?',
    'Please call me Bob from now on.',
    'The invoice for March has not been paid yet.',
    'She works as a nurse in Hamburg.',
    'My flight leaves at seven in the morning.',
    'Never suggest restaurants that serve seafood.',
  ],
  de: [
    'Wie alt ist der Hund, den wir im Frühling geholt haben?',
    'Nenn mich ab jetzt bitte Bob.',
    'Die Rechnung vom März ist noch offen.',
    'Sie arbeitet als Krankenschwester in Hamburg.',
    'Mein Flug geht um sieben Uhr morgens.',
    'Schlag nie Lokale mit Meeresfrüchten vor.',
  ],
  es: [
    '¿Cuántos años tiene el perro que adoptamos?',
    'La factura de marzo todavía no está pagada.',
    'Ella trabaja como enfermera en Sevilla.',
    'Mi vuelo sale a las siete de la mañana.',
    'No me recomiendes restaurantes de marisco.',
  ],
  fr: [
    'Quel âge a le chien que nous avons adopté ?',
    "La facture de mars n'est pas encore payée.",
    'Elle travaille comme infirmière à Nantes.',
    'Mon vol part à sept heures du matin.',
    'Ne me propose jamais de fruits de mer.',
  ],
  it: [
    'Quanti anni ha il cane che abbiamo adottato?',
    'La fattura di marzo non è ancora pagata.',
    'Lei lavora come infermiera a Torino.',
    'Il mio volo parte alle sette del mattino.',
  ],
  pt: [
    'Quantos anos tem o cão que adotámos?',
    'A fatura de março ainda não foi paga.',
    'Ela trabalha como enfermeira no Porto.',
    'O meu voo parte às sete da manhã.',
  ],
  nl: [
    'Hoe oud is de hond die we in het voorjaar kregen?',
    'De factuur van maart is nog niet betaald.',
    'Zij werkt als verpleegkundige in Utrecht.',
  ],
  sv: ['Hur gammal är hunden som vi har?', 'Hon jobbar som sjuksköterska i Lund.'],
  pl: ['Ile lat ma pies, którego mamy?', 'Ona pracuje jako pielęgniarka w Łodzi.'],
  tr: ['Köpeğimiz kaç yaşında?', 'O bir hastanede hemşire olarak çalışıyor.'],
  zh: ['她的航班早上七点起飞。', '三月的发票还没有付款，请提醒 Bob。'],
  ja: ['三月の請求書はまだ払っていません。', 'フライトは朝七時です。'],
  ko: ['제 비행기는 아침 일곱 시에 출발해요.'],
  ru: ['Счёт за март ещё не оплачен.'],
  uk: ['Рахунок за березень ще не сплачено, її брат просив.'],
  el: ['Το τιμολόγιο του Μαρτίου δεν πληρώθηκε.'],
  ar: ['لم تُدفع فاتورة شهر مارس بعد.'],
  he: ['החשבונית של מרץ עוד לא שולמה.'],
  th: ['ใบแจ้งหนี้เดือนมีนาคมยังไม่ได้ชำระ'],
  hi: ['मार्च का बिल अभी तक नहीं चुकाया गया।'],
};

test('the language of short sentences, where it is told at all, is right', () => {
  const all = Object.entries(sentences).flatMap(([language, texts]) =>
    texts.map((text) => ({ language, text })),
  );
  const told = all.map(({ language, text }) => ({ language, text, found: languageOf(text) }));
  expect(told.filter(({ language, found }) => found !== undefined && found !== language)).toEqual([]);
  expect(told.filter(({ found }) => found === undefined).length).toBeLessThan(all.length / 10);
});

test.each([
  '',
  '  ',
  '42',
  'Anna Schmidt',
  'Lisbon',
  'ok',
  'PostgreSQL, Redis',
  'https://example.com/die/der',
  '🎉',
])('of %j it is not told', (text) => expect(languageOf(text)).toBeUndefined());

test('names in other letters do not change the language', () => {
  expect(languageOf('Please say hello to 安娜 when you see her at the office.')).toBe('en');
  expect(languageOf('我们的网站用 TypeScript 和 React 开发。')).toBe('zh');
});
