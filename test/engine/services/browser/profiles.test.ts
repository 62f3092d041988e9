import { SaveBrowserSessionProfileCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateBrowserProfileCommand,
  DeleteBrowserProfileCommand,
  GetBrowserProfileCommand,
  ListBrowserProfilesCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { expect, test } from 'vitest';
import { describeBrowser } from '../../../support/browser.ts';
import { account, browserIdentifier, pagesBy, useBrowsers } from './support.ts';

/** Logs whoever comes in by a cookie, and says whom it knows. */
const address = pagesBy((request, response) => {
  response.setHeader('content-type', 'text/html');
  if (request.url === '/login')
    response.setHeader('set-cookie', [
      'login=secret; HttpOnly; Max-Age=3600',
      'passing=by; HttpOnly',
      'shown=yes; Max-Age=3600; SameSite=Strict',
    ]);
  response.end(`<p>${request.headers.cookie ?? 'nobody'}</p>`);
});

const engine = useBrowsers();
const control = () => engine.control();

describeBrowser('a saved profile', () => {
  const open = (profileIdentifier: string) => engine.open({ profileConfiguration: { profileIdentifier } });
  const save = (profileIdentifier: string, sessionId: string) =>
    engine
      .data()
      .send(new SaveBrowserSessionProfileCommand({ browserIdentifier, sessionId, profileIdentifier }));

  test('carries logins and storage over to later sessions', async () => {
    const { profileId = '' } = await control().send(new CreateBrowserProfileCommand({ name: 'shop' }));
    const first = await open(profileId);
    const other = `http://localhost:${address().split(':')[1]}`;
    await first.page.goto(`http://${address()}/login`);
    await first.page.evaluate('localStorage.basket = "3 äpples"');
    await first.page.goto(other);
    await first.page.evaluate('localStorage.other = "\\u2028\\""');
    await first.page.goto('about:blank');

    const saving = save(profileId, first.sessionId);
    const again = save(profileId, first.sessionId);
    const ends = await Promise.allSettled([saving, again]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'ConflictException' },
    });
    expect(await control().send(new GetBrowserProfileCommand({ profileId }))).toMatchObject({
      status: 'READY',
      lastSavedBrowserId: browserIdentifier,
      lastSavedBrowserSessionId: first.sessionId,
      lastSavedAt: expect.any(Date),
    });
    expect(first.page.context().pages()).toHaveLength(1);
    await first.close();

    const second = await open(profileId);
    expect(second.page.url()).toBe('about:blank');
    expect(await second.page.context().cookies()).toMatchObject([
      { name: 'login', httpOnly: true, expires: expect.any(Number), domain: '127.0.0.1' },
      { name: 'passing', httpOnly: true, expires: -1 },
      { name: 'shown', httpOnly: false, sameSite: 'Strict' },
    ]);
    await second.page.goto(`http://${address()}/`);
    expect(await second.page.textContent('p')).toBe('login=secret; passing=by; shown=yes');
    expect(await second.page.evaluate('({ ...localStorage })')).toEqual({ basket: '3 äpples' });
    // What it never opened again is kept all the same.
    await save(profileId, second.sessionId);
    await second.close();

    const third = await open(profileId);
    await third.page.goto(other);
    expect(await third.page.evaluate('({ ...localStorage })')).toEqual({ other: '\u2028"' });
    await third.close();
    await expect(save(profileId, third.sessionId)).rejects.toMatchObject({ name: 'ConflictException' });
  });

  test('is needed for a session that names it', async () => {
    await expect(open('missing-aaaaaaaaaa')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

test('profiles are made, listed and deleted', async () => {
  const { profileId, profileArn, status, createdAt } = await control().send(
    new CreateBrowserProfileCommand({ name: 'one', description: 'first', tags: { team: 'a' } }),
  );
  expect(profileId).toMatch(/^one-[a-zA-Z0-9]{10}$/);
  expect(status).toBe('READY');
  expect(createdAt).toBeInstanceOf(Date);
  expect(profileArn).toBe(`arn:aws:bedrock-agentcore:us-east-1:${account}:browser-profile/${profileId}`);
  const tags = () => control().send(new ListTagsForResourceCommand({ resourceArn: profileArn }));
  expect((await tags()).tags).toEqual({ team: 'a' });
  await control().send(new CreateBrowserProfileCommand({ name: 'two' }));
  await expect(control().send(new CreateBrowserProfileCommand({ name: 'one' }))).rejects.toMatchObject({
    name: 'ConflictException',
    message: expect.stringContaining(profileId ?? ''),
  });
  const names = async (input: { name?: string } = {}) =>
    (await control().send(new ListBrowserProfilesCommand(input))).profileSummaries?.map(({ name }) => name);
  expect((await names())?.slice(0, 2)).toEqual(['two', 'one']);
  expect(await names({ name: 'one' })).toEqual(['one']);
  expect(await control().send(new DeleteBrowserProfileCommand({ profileId }))).toMatchObject({
    profileId,
    profileArn,
    status: 'DELETING',
  });
  for (const gone of [tags(), control().send(new GetBrowserProfileCommand({ profileId }))])
    await expect(gone).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
