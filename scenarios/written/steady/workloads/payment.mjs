// A payment service without a leak: contexts pile up between collections and are released, a saw-tooth like any garbage-collected service.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
const requestsPerSecond = Number(process.env.REQUESTS_PER_SECOND ?? 40);
const contextBytes = 128 * 1024;
let contexts = [];
let served = 0;

function serveRequest() {
  contexts.push(Buffer.alloc(contextBytes, served % 251));
  served += 1;
}

console.log(`payment starting, ${requestsPerSecond} requests a second`);
setInterval(() => {
  for (let count = 0; count < requestsPerSecond / 20; count++) serveRequest();
}, 50);
setInterval(() => {
  contexts = [];
  collectGarbage();
}, 700);
setInterval(() => console.log(`level=info msg="served" requests=${served} open_contexts=${contexts.length}`), 1000);
