import { expect, test } from 'vitest';
import { browserRig } from './support.ts';

const rig = browserRig();
const open = (page: string) => ({ action: 'open', value: `${rig.pages.url}/${page}` });

test('a form is filled by labels, names and choices, and sent, in one call', async () => {
  const form = {
    'Your name': 'Ann',
    email: 'ann@example.com',
    Tree: 'Elm',
    Size: 'Large',
    'It is a gift': true,
  };
  const { page, note } = await rig.browse({
    steps: [
      open('form.html'),
      { action: 'fill', value: JSON.stringify(form) },
      { action: 'type', target: 'label=Message', value: 'Hello' },
      { action: 'click', target: 'button "Send order"' },
    ],
  });
  const sent = {
    name: 'Ann',
    email: 'ann@example.com',
    password: '',
    tree: 'elm',
    size: 'l',
    gift: 'on',
    message: 'Hello',
  };
  expect(page).toContain(`status: Ordered: ${JSON.stringify(sent)}`);
  expect(note).toBeUndefined();
});

test('fields are named by ref too, boxes unchecked, and what cannot be filled says why', async () => {
  const { page } = await rig.browse({
    steps: [open('form.html'), { action: 'check', target: 'text=It is a gift' }],
  });
  const ref = /textbox "E-mail" \[(e\d+)\]/.exec(page)?.[1] ?? '';
  const filled = await rig.browse({
    steps: [
      { action: 'fill', value: JSON.stringify({ [ref]: 'a@b.c', gift: false, size: 's' }) },
      { action: 'select', target: 'combobox "Tree"', value: 'oak' },
    ],
  });
  expect(filled.page).toContain(`textbox "E-mail" [${ref}]: a@b.c`);
  expect(filled.page).toMatch(/radio "Small" \[checked\]/);
  expect(filled.page).toMatch(/checkbox "It is a gift" \[e/);
  expect(filled.page).toMatch(/Oak \(selected\)/);
  const failed = await rig.browse({
    steps: [{ action: 'fill', value: '{"Your name": "x", "Tree": "Birch"}' }],
  });
  expect(failed).toMatchObject({
    code: 'StepFailed',
    details: expect.stringContaining('options: Choose, Oak, Elm'),
  });
  expect(failed.message).toBe('Step 1 (fill) failed: "Tree": it has no option "Birch". No step was done.');
});

test('mouse and keyboard do what they do for a person', async () => {
  const { page } = await rig.browse({
    steps: [
      open('drag.html'),
      { action: 'drag', target: 'button "Card"', value: 'region "Bin"' },
      { action: 'hover', target: '#hover' },
      { action: 'click', target: '#hover', value: 'double' },
      { action: 'press', value: 'Ctrl+A ArrowDown' },
      { action: 'scroll', value: 'bottom' },
    ],
  });
  for (const text of ['Has the card', 'Hovered', 'Clicked twice', 'Control+A', 'ArrowDown'])
    expect(page).toContain(text);
  const { results } = await rig.browse({ steps: [{ action: 'evaluate', value: 'scrollY > 1000' }] });
  expect(results).toBe('1 evaluate: true');
});

test('scripts are expressions, functions of an element, or statements', async () => {
  const { results } = await rig.browse({
    steps: [
      open('form.html'),
      { action: 'evaluate', value: '({ title: document.title })' },
      { action: 'evaluate', target: 'button "Send order"', value: '(button) => button.textContent' },
      { action: 'evaluate', value: 'const a = await Promise.resolve(20); return a + 1' },
      { action: 'evaluate', value: 'undefined' },
    ],
  });
  expect(results.split('\n\n')).toEqual([
    '2 evaluate: {"title":"Order"}',
    '3 evaluate: Send order',
    '4 evaluate: 21',
    '5 evaluate: undefined',
  ]);
});

test('all steps are looked at before the first is done', async () => {
  const before = rig.pages.requests.length;
  const answer = await rig.browse({
    steps: [
      open('form.html'),
      { action: 'click' },
      { action: 'type', target: '#x' },
      { action: 'check', target: '#x', value: 'yes' },
      { action: 'wait', value: '999999999' },
      { action: 'evaluate', value: 'const = 3' },
      { action: 'open', value: 'javascript:alert(1)' },
      { action: 'fill', value: '{"a": null}' },
      { action: 'open', target: 'https://example.com' },
    ],
  });
  expect(answer).toMatchObject({
    code: 'InvalidArgument',
    hint: expect.stringMatching(/^Nothing was done yet/),
  });
  expect(answer.message).toMatch(
    /step 2 \(click\) needs a target: .*; step 3 \(type\) needs a value: the text to type; step 4 \(check\) takes no value; step 5 \(wait\) .*; step 6 \(evaluate\) .* it is no JavaScript; step 7 \(open\) .*; step 8 \(fill\) .*; step 9 \(open\) takes no target, and needs a value: the address to open/,
  );
  expect(rig.pages.requests.length).toBe(before);
});

test('secrets are typed by reference and come back nowhere', async () => {
  const secret = 'hün&ter "42" ok';
  process.env.BROWSE_TEST_SECRET = secret;
  await rig.context.workspace.write('pin.txt', Buffer.from('9876543210\n'));
  const { content, ...answer } = await rig.browse({
    steps: [
      open('login.html'),
      { action: 'fill', value: '{"User": "secret:file:pin.txt", "Password": "secret:BROWSE_TEST_SECRET"}' },
      { action: 'click', target: 'button "Sign in"' },
      { action: 'console' },
      { action: 'text' },
      { action: 'evaluate', value: 'encodeURIComponent(document.querySelector("[name=password]").value)' },
      { action: 'evaluate', value: 'document.body.append(document.querySelector("[name=password]").value)' },
      { action: 'evaluate', value: 'document.body.innerHTML' },
      { action: 'evaluate', value: 'fetch("/?p=" + document.querySelector("[name=password]").value)' },
      { action: 'requests', value: 'all' },
      { action: 'snapshot' },
    ],
  });
  expect(answer.page).toContain('Hello [hidden], your password is [hidden]');
  const all = JSON.stringify([content, answer]);
  expect(answer.results).toContain('/?p=[hidden]');
  const spellings = [JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), '&amp;ter', 'h%C3%BCn'];
  for (const part of [secret, ...spellings, '9876543210']) expect(all).not.toContain(part);
});

test.each([
  ['secret:NO_SUCH_VARIABLE', /there is no secret in NO_SUCH_VARIABLE/],
  ['secret:AWS_SECRET_ACCESS_KEY', /there is no secret in AWS_SECRET_ACCESS_KEY/],
  ['secret:file:../x', /does not lie in the workspace/],
  ['secret:BROWSE_TEST_SHORT', /fewer than 8 characters/],
])('%s is refused', async (value, message) => {
  process.env.BROWSE_TEST_SHORT = '1234';
  const answer = await rig.browse({
    steps: [open('login.html'), { action: 'type', target: 'label=User', value }],
  });
  expect(answer).toMatchObject({ code: 'StepFailed', message: expect.stringMatching(message) });
});

test('tabs are opened by the page and by steps, and named where there are several', async () => {
  const { page } = await rig.browse({
    steps: [open('tabs.html'), { action: 'click', target: 'link "Open second"' }],
  });
  expect(page).toMatch(
    /^tab 1: First — \S+\ntab 2 \(current\): Second — \S+second.html\nheading "The second page"/,
  );
  const closed = await rig.browse({ steps: [{ action: 'click', target: 'button "Close me"' }] });
  expect(closed.page).toMatch(/^First — \S+tabs.html\nlink "Open second"/);
  const third = await rig.browse({
    steps: [
      { action: 'click', target: 'button "Flash"' },
      { action: 'tab', value: 'new' },
      open('form.html'),
      { action: 'tab', value: '1' },
      { action: 'tab', value: '2' },
      { action: 'tab', value: 'close' },
    ],
  });
  expect(third.page).toMatch(/^First — /);
  expect(await rig.browse({ steps: [{ action: 'tab', value: '7' }] })).toMatchObject({
    message: expect.stringContaining('there is no tab 7; there are 1'),
  });
});

test('history goes back and forth', async () => {
  const { page } = await rig.browse({
    steps: [open('catalogue.html'), { action: 'click', target: 'link "Order"' }, { action: 'back' }],
  });
  expect(page).toMatch(/^Catalogue — /);
  const answer = await rig.browse({
    steps: [{ action: 'forward' }, { action: 'reload' }, { action: 'forward' }],
  });
  expect(answer).toMatchObject({ code: 'StepFailed', details: expect.stringMatching(/^Order — /) });
  expect(answer.message).toContain(
    'Step 3 (forward) failed: there is no page after this one. Steps 1-2 were done.',
  );
});
