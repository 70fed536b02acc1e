// What a flood from one user does to the others: 200 people ask for their chats once a second, first alone, then beside one
// who sends requests as fast as 32 connections allow. Run it by itself: node test/bench/flood.mjs
import { createHmac } from 'node:crypto';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Latencies, nowUs } from './measure.mjs';
import { newDataFolder, removeFolder, stop } from './processes.mjs';
import { launch } from './product.mjs';

const PEOPLE = 200;
const SECONDS = 15;
const FLOODING = 32;
const SECRET = 'a secret for the bench that is long enough';

const base64 = (value) => Buffer.from(value).toString('base64url');

function tokenOf(user) {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const text = `${base64('{"alg":"HS256","typ":"JWT"}')}.${base64(JSON.stringify({ sub: user, exp }))}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });

/** Resolves with the status. */
function get(url, token) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject);
  });
}

/** One request of each person a second, evenly spread. */
async function everybody(url, tokens) {
  const latencies = new Latencies();
  let refused = 0;
  const from = nowUs();
  const asked = [];
  for (let n = 0; n < PEOPLE * SECONDS; n++) {
    const due = from + (n * 1e6) / PEOPLE;
    if (due > nowUs()) await sleep((due - nowUs()) / 1000);
    const person = n % PEOPLE;
    asked.push(
      get(`${url}/api/users/person-${person}/chats`, tokens[person]).then((status) => {
        latencies.add(nowUs() - due);
        if (status !== 200) refused++;
      }),
    );
  }
  await Promise.all(asked);
  return { p50: latencies.quantile(0.5), p99: latencies.quantile(0.99), refused };
}

async function flood(url, token, signal) {
  const counts = {};
  const one = async () => {
    while (!signal.aborted) {
      const status = await get(`${url}/api/users/flood/chats`, token);
      counts[status] = (counts[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: FLOODING }, one));
  return counts;
}

const folder = newDataFolder();
const env = { AUTH_MODE: 'jwt', AUTH_JWT_SECRET: SECRET, LOG_LEVEL: 'warn' };
const { child, url } = await launch({ root: process.cwd(), folder, env });
try {
  const tokens = Array.from({ length: PEOPLE }, (_, person) => tokenOf(`person-${person}`));
  await Promise.all(tokens.map((token, person) => get(`${url}/api/users/person-${person}`, token)));
  const alone = await everybody(url, tokens);
  const stopped = new AbortController();
  const flooding = flood(url, tokenOf('flood'), stopped.signal);
  const beside = await everybody(url, tokens);
  stopped.abort();
  console.log(JSON.stringify({ alone, beside, flood: await flooding }));
} finally {
  agent.destroy();
  await stop(child);
  await removeFolder(folder);
}
