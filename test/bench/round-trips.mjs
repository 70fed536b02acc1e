// How often the application asks its database on behalf of one message: before the first token is at the client, and in all.
import { CountingProxy } from './counting-proxy.mjs';
import { median, settled } from './measure.mjs';
import { printed, newDataFolder, removeFolder, start, stop } from './processes.mjs';
import { asksModel, launch } from './product.mjs';
import { RepriseAsker } from './questions.mjs';

const WARM_UP = 3;
const QUIET_MS = 300;
/** `mongodb://user:password@host:port,others/database?options` */
const URI = /^mongodb:\/\/(?:([^@/]*)@)?([^/,?]+)[^/?]*(\/[^?]*)?(?:\?(.*))?$/;

/**
 * One message at a time in one chat, with a proxy before the database. What the application does in the background may be
 * counted with one message or another, so the figures are medians.
 * @returns {Promise<{ first: number, all: number, commands: object }>} `commands`: those of one message, with their collections.
 */
export async function roundTrips({ root, modelPort, database, content, messages }) {
  const folder = newDataFolder();
  const closing = [() => removeFolder(folder)];
  try {
    const uri = database?.MONGODB_URI ?? (await startEngine({ root, folder, closing }));
    const { target, through } = takeApart(uri);
    const proxy = new CountingProxy(target);
    closing.unshift(() => proxy.close());
    const env = { ...asksModel(modelPort), ...database, MONGODB_URI: through(await proxy.listen()) };
    const { child, url } = await launch({ root, folder, env });
    closing.unshift(() => stop(child));
    const asker = new RepriseAsker(url);
    closing.unshift(() => asker.close());
    await asker.prepare(1);
    return await count({ proxy, asker, content, messages });
  } finally {
    for (const close of closing) await close();
  }
}

async function count({ proxy, asker, content, messages }) {
  const firsts = [];
  const alls = [];
  for (let n = -WARM_UP; n < messages; n++) {
    proxy.reset();
    let first;
    const onFirst = () => (first = proxy.commands.length);
    await asker.ask(0, { content, onFirst });
    // The client has seen the end; the application puts its books in order.
    await settled(
      () => false,
      () => proxy.commands.length,
      QUIET_MS,
    );
    if (n < 0) continue;
    firsts.push(first);
    alls.push(proxy.commands.length);
  }
  return { first: median(firsts), all: median(alls), commands: tally(proxy.commands) };
}

function tally(commands) {
  const counts = {};
  for (const command of commands) counts[command] = (counts[command] ?? 0) + 1;
  return counts;
}

/** The embedded engine alone, of the checkout that is measured. */
async function startEngine({ root, folder, closing }) {
  const args = ['--dir', `${folder}/mongo`];
  const engine = start('libs/embedded-mongo/bin/embedded-mongo.js', { root, args, stdout: 'pipe' });
  closing.unshift(() => stop(engine));
  return printed(engine, /^mongodb:\S+(?=\n)/m);
}

/** Where a URI leads to, and the same URI by way of a port on this machine. */
function takeApart(uri) {
  const [, credentials, host, path = '/', options = ''] = URI.exec(uri) ?? [];
  if (host === undefined || /(^|&)(tls|ssl)=true/.test(options))
    throw new Error('Round trips are counted on plain connections: --mongodb takes mongodb:// without TLS.');
  const name = decodeURIComponent(host);
  const { hostname, port } = new URL(`http://${host.includes('%2F') ? 'localhost' : host}`);
  const query = [...options.split('&').filter((one) => one && !/^(directConnection|replicaSet)=/.test(one))];
  const through = (proxyPort) =>
    `mongodb://${credentials ? `${credentials}@` : ''}127.0.0.1:${proxyPort}${path}?${['directConnection=true', ...query].join('&')}`;
  const target = name.startsWith('/')
    ? { path: name }
    : { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 27017) };
  return { target, through };
}
