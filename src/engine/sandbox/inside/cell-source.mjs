/** What V8 is given of a cell: its code with imports that V8 knows in scripts, and declarations that can be made anew. */

import { parse } from './acorn.mjs';

/** Stands for the word `import`, and is as long, so that positions stay. */
export const LOAD = '$load$';

const OPTIONS = {
  ecmaVersion: 'latest',
  sourceType: 'script',
  allowAwaitOutsideFunction: true,
  allowImportExportEverywhere: true,
};

/** Code that cannot be compiled; `line` counts from 1 and `column` from 0. */
export class CellSyntaxError extends Error {
  constructor(message, line, column) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/**
 * Rewrites a cell. `declared` says for each name of earlier cells whether it is `let` or `var`, between which V8 does not
 * change; the names of this cell are added. Constants become `let` for the same reason.
 * @throws CellSyntaxError
 */
export function rewrite(code, declared) {
  const program = parseCell(code);
  const edits = [];
  const edit = (start, end, text) => edits.push({ start, end, text });
  for (const statement of program.body) rewriteStatement(statement, code, declared, edit);
  if (code.includes('import')) {
    for (const { type, start, meta } of nodesIn(program))
      if (type === 'ImportExpression' || meta?.name === 'import') edit(start, start + LOAD.length, LOAD);
  }
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: put }) => text.slice(0, start) + put + text.slice(end), code);
}

function parseCell(code) {
  try {
    return parse(code, OPTIONS);
  } catch (error) {
    if (!error.loc) throw error;
    throw new CellSyntaxError(error.message.replace(/ \(\d+:\d+\)$/, ''), error.loc.line, error.loc.column);
  }
}

function rewriteStatement(statement, code, declared, edit) {
  const { type, start, end, declaration, source } = statement;
  const blank = (to, text = '') =>
    edit(start, to, text + code.slice(start + text.length, to).replace(/[^\n]/g, ' '));
  switch (type) {
    case 'ImportDeclaration':
      return edit(
        start,
        end,
        importing(statement, declared) + '\n'.repeat(code.slice(start, end).split('\n').length - 1),
      );
    case 'ExportAllDeclaration':
      return edit(start, end, `void await ${LOAD}(${source.raw});`);
    case 'ExportDefaultDeclaration':
      if (declaration.id) {
        blank(declaration.start);
        return rewriteStatement(declaration, code, declared, edit);
      }
      blank(declaration.start, '(');
      return edit(declaration.end, end, ');');
    case 'ExportNamedDeclaration':
      if (!declaration) return blank(end, source ? `void await ${LOAD}(${source.raw});` : '');
      blank(declaration.start);
      return rewriteStatement(declaration, code, declared, edit);
    default:
      return rewriteDeclaration(statement, declared, edit);
  }
}

function rewriteDeclaration({ type, kind, start, end, id, declarations }, declared, edit) {
  if (type === 'VariableDeclaration' && kind.length <= 'const'.length) {
    const names = declarations.flatMap((declarator) => namesOf(declarator.id));
    const given = kind === 'var' ? 'var' : 'let';
    const form = declare(names, given, declared);
    edit(start, start + kind.length, form.padEnd(kind.length));
    // Without a value, `let` makes it undefined, but `var` keeps what there is.
    if (given === 'let' && form === 'var')
      for (const { init, end: after } of declarations) if (!init) edit(after, after, ' = undefined');
  } else if (type === 'FunctionDeclaration' && declare([id.name], 'var', declared) === 'let') {
    edit(start, start, `let ${id.name} = `);
    edit(end, end, ';');
  } else if (type === 'ClassDeclaration' && declare([id.name], 'let', declared) === 'var') {
    edit(start, start, `var ${id.name} = `);
    edit(end, end, ';');
  }
}

/** How names can be declared: as earlier cells did where one of them has, else as given. */
function declare(names, given, declared) {
  const form = names.map((name) => declared.get(name)).find(Boolean) ?? given;
  for (const name of names) declared.set(name, form);
  return form;
}

function importing({ specifiers, source, attributes }, declared) {
  const options = attributes.map(({ key, value }) => `${key.name ?? key.raw}: ${value.raw}`).join(', ');
  const load = `await ${LOAD}(${source.raw}${options ? `, { with: { ${options} } }` : ''})`;
  if (specifiers.length === 0) return `void ${load};`;
  const form = declare(
    specifiers.map(({ local }) => local.name),
    'let',
    declared,
  );
  const whole = specifiers.find(({ type }) => type === 'ImportNamespaceSpecifier');
  const members = specifiers
    .filter((specifier) => specifier !== whole)
    .map(({ imported, local }) => `${imported ? (imported.raw ?? imported.name) : 'default'}: ${local.name}`);
  if (!whole) return `${form} { ${members.join(', ')} } = ${load};`;
  const rest = members.length > 0 ? `, { ${members.join(', ')} } = ${whole.local.name}` : '';
  return `${form} ${whole.local.name} = ${load}${rest};`;
}

/** The names that a pattern declares. */
function namesOf(pattern) {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap(({ value, argument }) => namesOf(value ?? argument));
    case 'ArrayPattern':
      return pattern.elements.flatMap(namesOf);
    case 'AssignmentPattern':
      return namesOf(pattern.left);
    case 'RestElement':
      return namesOf(pattern.argument);
    default:
      return [];
  }
}

function* nodesIn(node) {
  if (typeof node?.type === 'string') yield node;
  if (node && typeof node === 'object' && !(node instanceof RegExp))
    for (const child of Object.values(node)) yield* nodesIn(child);
}
