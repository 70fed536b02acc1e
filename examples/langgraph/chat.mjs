// A conversation in a terminal through LangGraph's own client: node chat.mjs "Hvad er CSR-kravene?"
// It survives a restart of the server in the middle of an answer, and asks before calls that need approval.
import { createInterface } from 'node:readline/promises';
import { Client } from '@langchain/langgraph-sdk';

const apiUrl = process.env.API_URL ?? 'http://127.0.0.1:8000/api/langgraph';
const token = process.env.TOKEN;
const client = new Client({
  apiUrl,
  apiKey: null,
  ...(token && { defaultHeaders: { Authorization: `Bearer ${token}` } }),
});
const assistant = process.env.ASSISTANT ?? (await client.assistants.search({ limit: 1 }))[0].assistant_id;
const terminal = createInterface({ input: process.stdin, output: process.stdout });
const { thread_id } = await client.threads.create();

/** Follows one run. @returns what people have to decide, if anything */
async function follow(request) {
  let interrupts = [];
  const run = client.runs.stream(thread_id, assistant, {
    ...request,
    streamMode: ['values', 'messages-tuple'],
  });
  for await (const { event, data } of run) {
    if (event === 'values') interrupts = data.__interrupt__ ?? [];
    if (event === 'error') console.error(`\n${data.message}`);
    if (event !== 'messages') continue;
    const [{ content, tool_calls: calls = [], type, name }] = data;
    for (const call of calls) console.log(`\n→ ${call.name} ${JSON.stringify(call.args)}`);
    if (type === 'tool') console.log(`← ${name}: ${content.slice(0, 200)}`);
    else process.stdout.write(content);
  }
  console.log();
  return interrupts;
}

async function ask(question) {
  let interrupts = await follow({ input: { messages: [{ type: 'human', content: question }] } });
  while (interrupts.length > 0) {
    const decisions = [];
    for (const { name, args } of interrupts[0].value.action_requests) {
      const answer = await terminal.question(`May it call ${name} ${JSON.stringify(args)}? (y/n) `);
      decisions.push({ type: answer.startsWith('y') ? 'approve' : 'reject' });
    }
    interrupts = await follow({ command: { resume: { decisions } } });
  }
}

const [, , first] = process.argv;
if (first) await ask(first);
else for (let line; (line = await terminal.question('> ')) !== '';) await ask(line);
terminal.close();
