// A remote agent: logs in to the server that asks it, reads what it may there, and streams its answer back.
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const {
  TMS_API_BASE_URL = 'http://127.0.0.1:8000',
  AI_AGENT_SECRET = '',
  SERVICE_TOKEN,
  WORD_MS = '30',
} = process.env;
const port = Number(process.env.PORT ?? 9300);
const tokens = new Map(); // by login path

const server = createServer(async (request, response) => {
  if (SERVICE_TOKEN && request.headers.authorization !== `Bearer ${SERVICE_TOKEN}`)
    return response.writeHead(401).end();
  if (request.method !== 'POST') return response.writeHead(405).end();
  const asked = await readJson(request).catch(() => undefined);
  if (typeof asked?.message !== 'string') return response.writeHead(400).end();
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const send = (data, id) =>
    response.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
  send({ type: 'status', text: 'Looking up who is asking' });
  try {
    const words = (await answer(asked)).split(/(?<= )/);
    // The same request with Last-Event-ID asks for the words after that one.
    for (let id = Number(request.headers['last-event-id'] ?? 0); id < words.length; id++) {
      if (response.destroyed) return;
      send({ content: words[id] }, id + 1);
      await pause(Number(WORD_MS));
    }
    send({ type: 'end', status: 'completed' });
  } catch ({ message, code = 'agent_failed', retryable = true }) {
    send({ type: 'error', error: message, code, retryable });
  }
  response.end();
});

/** Yours to replace. `history` is what was said before; the chat is read with this agent's own token. */
async function answer({ message, session_id, tenant_id, project_id, history = [] }) {
  const { user_id } = await read(`/api/chats/${session_id}`, tenant_id, project_id || 'default');
  return `Hello ${user_id} of ${tenant_id}, you said "${message}", after ${history.length} messages.`;
}

/** Logs in when there is no token, or when it has expired. */
async function read(path, tenant, project, isFirst = true) {
  const login = `/ai-agent/${encodeURIComponent(tenant)}/${encodeURIComponent(project)}/login`;
  if (!tokens.has(login)) {
    const { access_token } = await json(login, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ agent_secret: AI_AGENT_SECRET }),
    });
    tokens.set(login, access_token);
  }
  try {
    return await json(path, { headers: { authorization: `Bearer ${tokens.get(login)}` } });
  } catch (error) {
    tokens.delete(login);
    if (error.status !== 401 || !isFirst) throw error;
    return read(path, tenant, project, false);
  }
}

async function json(path, init) {
  const response = await fetch(TMS_API_BASE_URL + path, init);
  const body = await response.json();
  if (response.ok) return body;
  const { code, retryable, detail } = body;
  throw Object.assign(new Error(detail ?? `HTTP ${response.status}`), {
    status: response.status,
    code,
    retryable,
  });
}

async function readJson(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return JSON.parse(text);
}

server.listen(port, '127.0.0.1', () => console.log(`the agent service listens on http://127.0.0.1:${port}`));
