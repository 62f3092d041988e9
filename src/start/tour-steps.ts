export type Data = Readonly<Record<string, unknown>>;

/** The last answer of each tool so far. */
export type Answers = ReadonlyMap<string, Data>;

export type Arguments = Data & { code?: string; download?: string[] };

export interface Step {
  title: string;
  /** Written below the tour's folder first. */
  files?: Readonly<Record<string, string>>;
  tool: string;
  args: Arguments | ((answers: Answers) => Arguments);
  /** What of the answer is shown. */
  show: readonly string[];
  /** Must be in the answer. */
  expect: string;
}

const page = [
  'data:text/html;charset=utf-8,<title>Order</title><h1>Order</h1>',
  '<label>Name <input></label> <label>Drink <select><option>Kaffee<option>茶</select></label>',
  '<button onclick="let [name, drink] = document.querySelectorAll(`input, select`);',
  ' result.textContent = name.value + ` gets ` + drink.value">',
  'Order</button><p role=status id=result>',
].join('');

/** A label stands for one session, of code or of a browser. */
export const browserSession = (session: string) => `${session}-browser`;

/** What the tour does in a session, with files that arrive in a folder of the workspace. */
export function tourSteps(session: string, folder: string): readonly Step[] {
  const [plot, note] = [`${folder}/sales.png`, `${folder}/note.txt`];
  return [
    {
      title: 'What works here',
      tool: 'get_status',
      args: {},
      show: ['backend', 'account', 'region', 'writes', 'engine', 'workspace', 'capabilities'],
      expect: 'backend',
    },
    {
      title: 'A computation, in a sandbox',
      tool: 'run_code',
      args: { session, code: 'sum(n ** 2 for n in range(1, 1001))' },
      show: ['stdout'],
      expect: '333833500',
    },
    {
      title: 'A table, with pandas',
      tool: 'run_code',
      args: {
        session,
        code: [
          'import pandas as pd',
          "sales = pd.DataFrame({'city': ['Köln', 'Lagos', 'Osaka'], 'spring': [12, 30, 25], 'summer': [18, 27, 31]})",
          "sales['growth %'] = ((sales.summer / sales.spring - 1) * 100).round(1)",
          'sales',
        ].join('\n'),
      },
      show: ['stdout'],
      expect: 'Köln',
    },
    {
      title: 'A plot of it, saved where you can open it (the variables are still there)',
      tool: 'run_code',
      args: {
        session,
        code: [
          `import os; os.makedirs('${folder}', exist_ok=True)`,
          "plot = sales.plot.bar(x='city', y=['spring', 'summer'], rot=0, title='Sales')",
          `plot.figure.savefig('${plot}')`,
        ].join('\n'),
        download: [plot],
      },
      show: ['downloaded'],
      expect: plot,
    },
    {
      title: 'A file out, from the shell of the same session',
      tool: 'run_code',
      args: {
        session,
        language: 'shell',
        code: `echo "made in the sandbox by $(id -un), who sees: $(ls /home)" | tee ${note}`,
        download: [note],
      },
      show: ['stdout', 'downloaded'],
      expect: note,
    },
    {
      title: 'The session ends, and its sandbox is gone; the files in your workspace stay',
      tool: 'stop_session',
      args: { session },
      show: ['stopped'],
      expect: 'stopped',
    },
    {
      title: 'A form, filled in with a real browser; the page comes back as text',
      tool: 'browse',
      args: {
        session: browserSession(session),
        steps: [
          { action: 'open', value: page },
          { action: 'fill', value: JSON.stringify({ Name: 'Ada', Drink: '茶' }) },
          { action: 'click', target: 'button "Order"' },
          { action: 'screenshot', value: `${folder}/order.png` },
          { action: 'text', target: '[role=status]' },
        ],
      },
      show: ['results', 'saved'],
      expect: 'Ada gets 茶',
    },
    {
      title: 'The browser closes',
      tool: 'stop_session',
      args: { session: browserSession(session) },
      show: ['stopped'],
      expect: 'stopped',
    },
  ];
}
