#!/usr/bin/env bash
# @nestjs/core 12.5.1 with @nestjs/platform-express (npm). A StreamableFile whose stream fails before its first byte, for
# example because a database went away, is answered 400 "Bad Request" as plain text: neither the application's exception
# filters nor a status for server errors come into play, so clients take their own request to be wrong and do not retry.
# The same error thrown by the handler itself reaches the filters. So read the first piece before returning the file.
# Seen: thrown: 503 {"filter":true} / streamed: 400 Bad Request
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @nestjs/common@12.5.1 @nestjs/core@12.5.1 @nestjs/platform-express@12.5.1 \
  reflect-metadata@0.2 rxjs@7

cat > show.cjs <<'SCRIPT'
require('reflect-metadata');
const { Catch, Controller, Get, Module, StreamableFile } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { Readable } = require('node:stream');

const away = () => new Error('The database went away.');
async function* failing() {
  throw away();
}

class Files {
  thrown() {
    throw away();
  }
  streamed() {
    return new StreamableFile(Readable.from(failing()));
  }
}
class AllErrors {
  catch(_error, host) {
    host.switchToHttp().getResponse().status(503).json({ filter: true });
  }
}
class AppModule {}
for (const name of ['thrown', 'streamed'])
  Get(name)(Files.prototype, name, Object.getOwnPropertyDescriptor(Files.prototype, name));
Controller()(Files);
Catch()(AllErrors);
Module({ controllers: [Files] })(AppModule);

async function main() {
  const app = await NestFactory.create(AppModule, { logger: false });
  app.useGlobalFilters(new AllErrors());
  await app.listen(0);
  for (const name of ['thrown', 'streamed']) {
    const response = await fetch(`${(await app.getUrl()).replace('[::1]', 'localhost')}/${name}`);
    console.log(`${name}: ${response.status} ${await response.text()}`);
  }
  await app.close();
}
void main();
SCRIPT
seen=$(node show.cjs)
echo "$seen"
grep -q '^thrown: 503 {"filter":true}$' <<<"$seen"
grep -q '^streamed: 400 Bad Request$' <<<"$seen"
