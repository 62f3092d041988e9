import fc from 'fast-check';
import { ulid } from 'ulid';
import { describe, expect, test } from 'vitest';
import { isSessionId, sessionName } from '../../src/agentcore/labels.ts';

describe('a handle', () => {
  test('is an id when AgentCore could have made it', () => {
    for (let i = 0; i < 100; i++) expect(isSessionId(ulid())).toBe(true);
  });

  test.each(['session-123', 'analysis', '', 'ABC', ulid().toLowerCase(), `${ulid()}X`, 'I'.repeat(26)])(
    'is a label otherwise: %s',
    (handle) => expect(isSessionId(handle)).toBe(false),
  );
});

describe('the name made of a label', () => {
  test.each(['session-123', 'Sales 2026', 'été', '数据分析', 'a/b:c'])('is the label itself: %s', (label) =>
    expect(sessionName(label)).toBe(label),
  );

  test.each([
    [' leading', /^leading#[0-9a-f]{16}$/],
    ['two\nlines', /^two-lines#[0-9a-f]{16}$/],
    ['🎉', /^session#[0-9a-f]{16}$/],
    ['x'.repeat(200), /^x{40}#[0-9a-f]{16}$/],
  ])('is legible and short for %j', (label, form) => expect(sessionName(label)).toMatch(form));

  test('is the same for the same label, however its accents are written', () => {
    expect(sessionName('e\u0301te\u0301')).toBe(sessionName('\u00e9t\u00e9'));
  });

  test('differs for different labels, and AgentCore takes it', () => {
    const label = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 250 });
    fc.assert(
      fc.property(label, label, (a, b) => {
        const [nameA, nameB] = [sessionName(a), sessionName(b)];
        expect(nameA === nameB).toBe(a.normalize('NFC') === b.normalize('NFC'));
        expect(nameA.length).toBeGreaterThan(0);
        expect(nameA.length).toBeLessThanOrEqual(100);
        expect(nameA.isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
