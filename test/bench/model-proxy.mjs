// The limit to compare with when there is a model: node:http that hands the model's bytes on and stores nothing. MODEL: its URL.
import http from 'node:http';
import { pipeline } from 'node:stream';

const agent = new http.Agent({ keepAlive: true });

const server = http.createServer((request, response) => {
  const { method, headers } = request;
  const asked = http.request(process.env.MODEL + request.url, { method, headers, agent }, (answer) => {
    response.writeHead(answer.statusCode, { 'content-type': answer.headers['content-type'] });
    pipeline(answer, response, () => undefined);
  });
  asked.on('error', () => response.destroy());
  pipeline(request, asked, () => undefined);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', 4096, () => process.send({ port: server.address().port, pids: [process.pid] }));
process.once('disconnect', () => process.exit());
