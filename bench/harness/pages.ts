import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bench } from './bench.ts';

const ROWS = 40;
const CARDS = 48;
const SECTIONS = 12;

const words = 'river stone copper harbour winter signal garden letter market bridge paper north'.split(' ');
const word = (index: number) => words[index % words.length] as string;
const sentence = (seed: number) =>
  `The ${word(seed)} by the ${word(seed * 5 + 1)} was older than the ${word(seed * 7 + 2)}, and nobody had asked why.`;
const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index)).join('\n');

const site = (title: string, main: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>body{font:16px sans-serif;margin:0}
nav a{margin:8px}main{padding:16px}.card{display:inline-block;width:220px;border:1px solid #ccc;margin:6px;padding:8px}button{cursor:pointer}</style></head>
<body><header><nav aria-label="Main">${times(7, (i) => `<a href="/area/${word(i)}">${word(i)}</a>`)}</nav>
<form role="search"><input type="search" aria-label="Search" placeholder="Search"><button>Search</button></form></header>
<main><h1>${title}</h1>${main}</main>
<footer>${times(9, (i) => `<a href="/about/${word(i + 3)}">About ${word(i + 3)}</a>`)}<p>© Example</p></footer></body></html>`;

const article = () =>
  site(
    'A long article',
    `${times(
      SECTIONS,
      (
        i,
      ) => `<section><h2 id="s${i}">On the ${word(i)}</h2>${times(4, (j) => `<p>${sentence(i * 4 + j)} ${sentence(i + j)} See <a href="/note/${i}-${j}">note ${i}.${j}</a>.</p>`)}
<ul>${times(3, (j) => `<li>${sentence(i + j * 3)}</li>`)}</ul></section>`,
    )}<button id="like" onclick="this.textContent=\`Liked\`">Like</button>`,
  );

const shop = () =>
  site(
    'A shop',
    `<p role="status" id="basket">Basket: 0</p><div class="list">${times(
      CARDS,
      (
        i,
      ) => `<div class="card"><a href="/item/${i}"><img alt="${word(i)} ${word(i + 5)}" width="80" height="60"
src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="><h3>${word(i)} ${word(i + 5)}</h3></a>
<div><span>${(i * 7) % 90},99 €</span> <span>${1 + (i % 5)} of 5</span></div><button id="add${i}" onclick="basket.textContent='Basket: 1'">Add to basket</button></div>`,
    )}</div>`,
  );

const table = () =>
  site(
    'Orders',
    `<div role="toolbar" aria-label="Filters"><label>State <select><option>All</option><option>Open</option><option>Sent</option></select></label>
<label>From <input type="date"></label><label><input type="checkbox"> Only mine</label><button>Export</button></div>
<table><thead><tr>${['Order', 'Customer', 'City', 'State', 'Sum', ''].map((name) => `<th>${name}</th>`).join('')}</tr></thead><tbody>${times(
      ROWS,
      (
        i,
      ) => `<tr><td><a href="/order/${i}">#${1000 + i}</a></td><td>${word(i)} ${word(i + 1)}</td><td>${word(i * 3)}</td><td>open</td><td>${(i * 37) % 900}.00</td>
<td><button id="send${i}" onclick="this.closest('tr').cells[3].textContent='sent'">Send</button></td></tr>`,
    )}</tbody></table><nav aria-label="Pages">${times(5, (i) => `<a href="?page=${i + 1}">${i + 1}</a>`)}</nav>`,
  );

/** A form whose result says what was sent. */
const form = () =>
  site(
    'Register',
    `<form id="register"><label>Full name <input name="name"></label><label>Email <input name="email" type="email"></label>
<label>Country <select name="country"><option>Austria</option><option>Japan</option><option>Peru</option></select></label>
<label><input type="checkbox" name="terms"> I accept the terms</label><button>Send</button></form><p role="status" id="result"></p>
<script>register.onsubmit=(event)=>{event.preventDefault();result.textContent='Sent: '+[...new FormData(register).values()].join(', ')}</script>`,
  );

const pages: Readonly<Record<string, () => string>> = { article, shop, table, form };

/** Three ordinary shapes of a page, and a form, served from loopback. @returns `host:port`. */
export async function servePages(bench: Bench): Promise<string> {
  const server = createServer((request, response) => {
    const page = pages[(request.url ?? '').slice(1)];
    response.writeHead(page ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' });
    response.end(page?.());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  bench.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
