// Asks in a new conversation over Socket.IO, and loses the connection on the way: node chat.mjs "question" [url]
import { stdout } from 'node:process';
import { io } from 'socket.io-client';

const [question = 'What happens to a run when its client disconnects?', url = 'http://127.0.0.1:8000'] =
  process.argv.slice(2);
const created = await fetch(`${url}/api/conversations`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ title: 'From the terminal' }),
});
const { id: conversation_id } = await created.json();

const socket = io(url, { transports: ['websocket'] });
let since; // id of the last event seen

socket.on('connect', () => socket.emit('join_conversation', { conversation_id, ...(since && { since }) }));
socket.once('joined', () => socket.emit('send_message', { conversation_id, message: question }));
socket.on('token', ({ id, content }) => {
  if (since === undefined) setTimeout(() => socket.io.engine.close(), 0); // the network fails; the client comes back
  since = id;
  stdout.write(content);
});
for (const name of ['tool_request', 'tool_result'])
  socket.on(name, ({ id, tool_id }) => {
    since = id;
    stdout.write(`[${name}: ${tool_id}]\n`);
  });
socket.on('error', ({ error }) => {
  stdout.write(`\n${error}\n`);
  process.exitCode = 1;
  socket.close();
});
socket.on('complete', () => {
  stdout.write('\n');
  socket.close();
});
