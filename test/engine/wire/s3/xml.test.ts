import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Element, readXml, xmlDocument } from '../../../../src/engine/wire/s3/xml.ts';

const texts = ({ children }: Element) => children.map(({ text }) => text);

describe('the XML of S3', () => {
  test('what is written is read again, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), (list) => {
        const root = readXml(xmlDocument('Delete', { Key: list }));
        expect([root.name, texts(root)]).toEqual(['Delete', list]);
      }),
    );
  });

  test('takes what clients write: a declaration, a namespace, space, references and empty elements', () => {
    const root = readXml(
      '\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\n' +
        '  <Object ><Key>a&amp;&lt;&#x41;&#66;</Key></Object>\n  <Quiet/>\n</Delete>\n',
    );
    expect(root.children.map(({ name }) => name)).toEqual(['Object', 'Quiet']);
    expect(texts(root.children[0] as Element)).toEqual(['a&<AB']);
  });

  test.each([
    ['nothing', ''],
    ['text alone', 'hello'],
    ['two roots', '<a/><b/>'],
    ['text after the root', '<a/>b'],
    ['no end', '<a><b></b>'],
    ['another end', '<a></b>'],
    ['an end too many', '<a></a></a>'],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an entity nobody declared', '<a>&b;</a>'],
    ['a bare ampersand', '<a>b & c</a>'],
    ['a reference beyond Unicode', '<a>&#x110000;</a>'],
    ['CDATA', '<a><![CDATA[b]]></a>'],
    ['a comment', '<a><!-- b --></a>'],
    ['an instruction', '<a><?b c?></a>'],
    ['an attribute without quotes', '<a b=c/>'],
    ['deep nesting', `${'<a>'.repeat(9)}${'</a>'.repeat(9)}`],
  ])('refuses %s', (_, text) => {
    expect(() => readXml(text)).toThrow(expect.objectContaining({ code: 'MalformedXML', status: 400 }));
  });

  test('junk is refused and takes no time', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '/',
      'a',
      ' ',
      '\n',
      '="',
      '"',
      '&',
      ';',
      '#x',
      '<a>',
      '</a>',
      '<a b="c"',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 200 }), (junk) => {
        try {
          readXml(junk.join(''));
        } catch (error) {
          expect(error).toMatchObject({ code: 'MalformedXML' });
        }
      }),
    );
    expect(() => readXml(`<a${' '.repeat(1_000_000)}`)).toThrow();
    expect(() => readXml(`<a${' b="c"'.repeat(100_000)}`)).toThrow();
  }, 20_000);
});
