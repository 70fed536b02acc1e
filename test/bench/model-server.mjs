// A model server for the bench: OpenAI-compatible, streams as a provider does. The question says how it answers: five tokens at once
// when it holds "Briefly:", else fifty, the first at once and each further one 20 ms later.
import http from 'node:http';
import { clearInterval, setInterval } from 'node:timers';

const TOKENS = 50;
const BRIEF_TOKENS = 5;
const GAP_MS = 20;
const MODELS = JSON.stringify({
  object: 'list',
  data: [{ id: 'bench', object: 'model', owned_by: 'bench' }],
});

const frame = (delta, finish_reason = null) =>
  `data: ${JSON.stringify({ id: 'bench', object: 'chat.completion.chunk', created: 1, model: 'bench', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const token = (n) => frame({ content: n === 0 ? 'The' : ` word${n}` });
const LAST = `${frame({}, 'stop')}data: [DONE]\n\n`;
const BRIEF = Array.from({ length: BRIEF_TOKENS }, (_, n) => token(n)).join('') + LAST;

const textOf = (content) => (typeof content === 'string' ? content : JSON.stringify(content));

function answer(question, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (question.includes('Briefly:')) {
    response.end(BRIEF);
    return;
  }
  response.write(token(0));
  let sent = 1;
  const timer = setInterval(() => {
    response.write(token(sent));
    if (++sent < TOKENS) return;
    clearInterval(timer);
    response.end(LAST);
  }, GAP_MS);
  response.once('close', () => clearInterval(timer));
}

const server = http.createServer(async (request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(MODELS);
    return;
  }
  const { messages } = JSON.parse((await request.toArray()).join(''));
  answer(textOf(messages.findLast(({ role }) => role === 'user').content), response);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', 4096, () => process.send({ port: server.address().port, pids: [process.pid] }));
process.once('disconnect', () => process.exit());
