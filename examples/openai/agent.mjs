// Streams an answer with OpenAI's client, hangs up in the middle, and reads the rest: node agent.mjs 'A question'
import OpenAI from 'openai';

const openai = new OpenAI({
  baseURL: process.env.REPRISE_URL ?? 'http://127.0.0.1:8000/v1',
  apiKey: process.env.REPRISE_TOKEN ?? 'any',
});
const input = process.argv[2] ?? 'Who are you?';

let id;
let last = -1;
const show = (event) => {
  last = event.sequence_number;
  if (event.type === 'response.created') id = event.response.id;
  if (event.type === 'response.output_item.done' && event.item.type === 'mcp_call')
    console.log(`[${event.item.name} ${event.item.status}]`);
  if (event.type === 'response.output_text.delta') process.stdout.write(event.delta);
};

const stream = await openai.responses.create({ input, stream: true });
for await (const event of stream) {
  show(event);
  if (last >= 8) break; // as if the connection broke
}
console.log(`\n… cut after event ${last} of ${id}; the run goes on …`);
for await (const event of await openai.responses.retrieve(id, { stream: true, starting_after: last }))
  show(event);
console.log();
