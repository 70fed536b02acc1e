// Asks an agent over A2A, loses the connection, and gets the rest: node ask.mjs "question" [url]
import { ClientFactory } from '@a2a-js/sdk/client';
import { randomUUID } from 'node:crypto';
import { stdout } from 'node:process';

const [question = 'What happens to a run when its client disconnects?', url = 'http://127.0.0.1:8000'] =
  process.argv.slice(2);
const client = await new ClientFactory().createFromUrl(url);

const message = {
  messageId: randomUUID(),
  role: 1, // ROLE_USER
  parts: [{ content: { $case: 'text', value: question } }],
};
const textOf = ({ parts }) => parts.map(({ content }) => content?.value ?? '').join('');

let taskId;
let shown = '';
const show = ({ payload: { $case, value } }) => {
  taskId ??= value.id ?? value.taskId;
  if ($case === 'task') stdout.write(value.artifacts.map(textOf).join('').slice(shown.length));
  if ($case === 'artifactUpdate') stdout.write(textOf(value.artifact));
  if ($case === 'task') shown = value.artifacts.map(textOf).join('');
  if ($case === 'artifactUpdate') shown += textOf(value.artifact);
};

for await (const event of client.sendMessageStream({ message })) {
  show(event);
  if (shown !== '') break; // the connection is gone; the run is not
}
stdout.write(' … disconnected … ');
try {
  for await (const event of client.resubscribeTask({ id: taskId })) show(event);
} catch {
  show({ payload: { $case: 'task', value: await client.getTask({ id: taskId }) } }); // it ended meanwhile
}
stdout.write('\n');
