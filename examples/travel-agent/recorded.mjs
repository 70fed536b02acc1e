// Stands in for the model and the three public APIs, so that the travel agent works without keys and without a network:
// recorded answers of the APIs, and a model that follows the agent's rules for questions about Tokyo and its money.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const recorded = JSON.parse(await readFile(new URL('recorded.json', import.meta.url), 'utf8'));
const port = Number(process.env.PORT ?? 9200);

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/v1/chat/completions') return answer(await readJson(request), response);
  const found = [
    ['/geocode', recorded.geocode],
    ['/weather', recorded.weather],
    ['/rates', recorded.currency],
    ['/v1/models', { object: 'list', data: [{ id: 'recorded', object: 'model' }] }],
  ].find(([path]) => pathname.startsWith(path))?.[1];
  response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(found ?? { error: { message: 'Not recorded.' } }));
});

server.listen(port, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  console.log(`recorded answers: listens on ${url}`);
});

/** One turn of the model: what the question still needs, all at once; then the answer, word by word. */
function answer({ messages }, response) {
  const asked = messages.findLastIndex(({ role }) => role === 'user');
  const question = textOf(messages[asked]?.content);
  const results = new Map(
    messages
      .slice(asked)
      .flatMap(({ role, tool_call_id: id, content }) => (role === 'tool' ? [[nameIn(id), content]] : [])),
  );
  const calls = callsFor(question, results);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (fields) =>
    response.write(
      `data: ${JSON.stringify({ id: 'r', object: 'chat.completion.chunk', created: 1, model: 'recorded', ...fields })}\n\n`,
    );
  const choose = (delta, finish_reason = null) => send({ choices: [{ index: 0, delta, finish_reason }] });
  calls.forEach(([name, args], index) => {
    const called = { name, arguments: JSON.stringify(args) };
    choose({ tool_calls: [{ index, id: `${name}-${asked}`, type: 'function', function: called }] });
  });
  if (calls.length === 0) for (const word of said(results).split(/(?<= )/)) choose({ content: word });
  choose({}, calls.length > 0 ? 'tool_calls' : 'stop');
  send({ choices: [], usage: { prompt_tokens: 150, completion_tokens: 25, total_tokens: 175 } });
  response.end('data: [DONE]\n\n');
}

function callsFor(question, results) {
  const calls = [];
  if (/weather/i.test(question)) {
    if (!results.has('geocode')) calls.push(['geocode', { location: 'Tokyo' }]);
    else if (!results.has('weather')) calls.push(['weather', { latitude: 35.6895, longitude: 139.69171 }]);
  }
  const [, amount] =
    /(\d+)\s*(?:USD|dollars?)|\$\s*\d+/i.exec(question.replace(/\$\s*(\d+)/, '$1 USD')) ?? [];
  if (amount !== undefined && !results.has('convert_currency'))
    calls.push(['convert_currency', { amount: Number(amount), from_currency: 'USD', to_currency: 'JPY' }]);
  return calls;
}

function said(results) {
  const { current } = parse(results.get('weather'));
  const { amount, converted_amount: yen, date } = parse(results.get('convert_currency'));
  const parts = [
    current && `In Tokyo it is ${current.temperature_c} °C now, ${current.conditions}.`,
    yen !== undefined && `${amount} USD are ${yen} JPY (rate of ${date}).`,
  ].filter(Boolean);
  return parts.join(' ') || 'I know the weather in Tokyo, and what US dollars are in yen.';
}

function parse(text) {
  try {
    return JSON.parse(text ?? '{}');
  } catch {
    return {};
  }
}

const nameIn = (id) => id.slice(0, id.lastIndexOf('-'));
const textOf = (content) =>
  Array.isArray(content) ? content.map(({ text = '' }) => text).join('') : (content ?? '');

async function readJson(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return JSON.parse(text);
}
