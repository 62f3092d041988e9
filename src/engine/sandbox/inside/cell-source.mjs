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
 * change; the names of this cell are added. Constants become `let` for the same reason. In code that was TypeScript what is
 * imported may be a type, of which nothing is there.
 * @throws CellSyntaxError
 */
export function rewrite(code, declared, { typed = false } = {}) {
  const program = parseCell(code);
  const edits = [];
  const edit = (start, end, text) => edits.push({ start, end, text });
  for (const statement of program.body) rewriteStatement(statement, { code, declared, typed, edit });
  for (const statement of program.body) rewriteInnerVars(statement, declared, edit);
  for (const { type, start, meta } of nodesIn(program))
    if (type === 'ImportExpression' || meta?.name === 'import') edit(start, start + LOAD.length, LOAD);
  return edited(code, edits);
}

function edited(code, edits) {
  const pieces = [];
  let from = 0;
  for (const { start, end, text } of edits.sort((a, b) => a.start - b.start)) {
    pieces.push(code.slice(from, start), text);
    from = end;
  }
  return [...pieces, code.slice(from)].join('');
}

function parseCell(code) {
  try {
    return parse(code, OPTIONS);
  } catch (error) {
    if (!error.loc) throw error;
    throw new CellSyntaxError(error.message.replace(/ \(\d+:\d+\)$/, ''), error.loc.line, error.loc.column);
  }
}

function rewriteStatement(statement, context) {
  const { code, typed, declared, edit } = context;
  const { type, start, end, declaration, source } = statement;
  const blank = (to, text = '') =>
    edit(start, to, text + code.slice(start + text.length, to).replace(/[^\n]/g, ' '));
  switch (type) {
    case 'ImportDeclaration':
      return edit(
        start,
        end,
        importing(statement, typed, declared) + '\n'.repeat(code.slice(start, end).split('\n').length - 1),
      );
    case 'ExportAllDeclaration':
      return edit(start, end, `void await ${LOAD}(${source.raw});`);
    case 'ExportDefaultDeclaration':
      if (declaration.id) {
        blank(declaration.start);
        return rewriteStatement(declaration, context);
      }
      blank(declaration.start, '(');
      return edit(declaration.end, end, ');');
    case 'ExportNamedDeclaration':
      if (!declaration) return blank(end, source ? `void await ${LOAD}(${source.raw});` : '');
      blank(declaration.start);
      return rewriteStatement(declaration, context);
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

/** What a `var` within a block or a loop declares is of the whole cell. */
function rewriteInnerVars(statement, declared, edit) {
  const isFunction = ({ type }) => /Function|Class/.test(type);
  for (const node of nodesIn(statement, isFunction)) {
    if (node === statement || node.kind !== 'var') continue;
    const names = node.declarations.flatMap(({ id }) => namesOf(id));
    if (declare(names, 'var', declared) === 'let') edit(node.start, node.start + 'var'.length, '   ');
  }
}

/** How names can be declared: as earlier cells did where one of them has, else as given. */
function declare(names, given, declared) {
  const form = names.map((name) => declared.get(name)).find(Boolean) ?? given;
  for (const name of names) if (!declared.has(name)) declared.set(name, form);
  return form;
}

function importing({ specifiers, source, attributes }, typed, declared) {
  const options = attributes.map(({ key, value }) => `${key.name ?? key.raw}: ${value.raw}`).join(', ');
  const loading = `${LOAD}(${source.raw}${options ? `, { with: { ${options} } }` : ''})`;
  if (specifiers.length === 0) return `void await ${loading};`;
  const locals = specifiers.map(({ local }) => local.name);
  const form = declare(locals, 'let', declared);
  const whole = specifiers.find(({ type }) => type === 'ImportNamespaceSpecifier');
  const members = specifiers
    .filter((specifier) => specifier !== whole)
    .map(({ imported, local }) => ({
      name: imported?.value ?? imported?.name ?? 'default',
      local: local.name,
    }));
  const required = JSON.stringify(members.map(({ name }) => name));
  const load = `await ${typed ? loading : `${LOAD}.names(${loading}, ${source.raw}, ${required})`}`;
  const pattern = `{ ${members.map(({ name, local }) => `${JSON.stringify(name)}: ${local}`).join(', ')} }`;
  if (!whole) return `${form} ${pattern} = ${load};`;
  const rest = members.length > 0 ? `, ${pattern} = ${whole.local.name}` : '';
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

/** A node and all below it, in no order; what is below one that `isClosed` is left out. */
function nodesIn(root, isClosed = () => false) {
  const found = [];
  const waiting = [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    const isNode = typeof node.type === 'string';
    if (isNode) found.push(node);
    if (isNode && isClosed(node)) continue;
    for (const child of Object.values(node))
      if (child && typeof child === 'object' && !(child instanceof RegExp)) waiting.push(child);
  }
  return found;
}
