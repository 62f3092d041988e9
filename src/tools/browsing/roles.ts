/** Roles that a person acts on. */
const controls = [
  'textbox',
  'searchbox',
  'combobox',
  'listbox',
  'checkbox',
  'radio',
  'switch',
  'slider',
  'spinbutton',
];
const pressed = [
  'button',
  'link',
  'tab',
  'menuitem',
  'menuitemcheckbox',
  'menuitemradio',
  'option',
  'treeitem',
];
/** Roles of which a model may want to see a part of the page. */
const parts = [
  'main',
  'navigation',
  'banner',
  'contentinfo',
  'complementary',
  'search',
  'form',
  'region',
  'article',
  'dialog',
  'alertdialog',
  'table',
  'grid',
  'list',
  'tree',
  'menu',
  'tablist',
  'feed',
  'iframe',
];
const cells = ['row', 'cell', 'gridcell', 'columnheader', 'rowheader'];
const others = ['heading', 'img', 'rowgroup', 'caption'];
const more = ['listitem', 'paragraph', 'group', 'radiogroup', 'status', 'alert', 'progressbar', 'figure'];
const items = ['row', 'listitem', 'article', 'treeitem', 'option', 'tab'];
const all = new Set([
  ...controls,
  ...pressed,
  ...parts,
  ...cells,
  ...others,
  ...more,
  'menubar',
  'toolbar',
  'tabpanel',
]);

export const isControl = (role: string): boolean => controls.includes(role);
export const clickable = (role: string): boolean => isControl(role) || pressed.includes(role);
export const isPart = (role: string): boolean => parts.includes(role);
export const isCell = (role: string): boolean => cells.includes(role);
/** Of many alike: another one in its place is not the same. */
export const isItem = (role: string): boolean => items.includes(role);
export const isRole = (word: string): boolean => all.has(word);
