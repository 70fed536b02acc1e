// Asks a question and prints what happens. Try: node node.mjs http://127.0.0.1:8000 "What is in the documents?"
import { RepriseClient } from '@reprise/client';

const [baseUrl = 'http://127.0.0.1:8000', content = 'What is in the documents?'] = process.argv.slice(2);
const client = new RepriseClient({ baseUrl });

const chat = await client.createChat({ userId: 'example' });
const run = await client.send({ chatId: chat.chat_id, content });

for await (const event of client.follow(run)) {
  if (event.type === 'status') console.log(`… ${event.text}`);
  else if (event.type === 'tool_start') console.log(`→ ${event.name} ${event.args_summary}`);
  else if (event.type === 'tool_end') console.log(`← ${event.result_summary}`);
  else if (event.type === 'content') process.stdout.write(event.md);
  else if (event.type === 'error') console.error(`\n${event.error}`);
  else if (event.type === 'end') console.log(`\n${event.status} after ${event.ms_total} ms`);
}
