// A payment service with a real leak: each request leaves its context behind, as paykit 3.2.0 to 3.2.8 does.
// The memory is really allocated and really written, so the operating system counts it as resident.
const requestsPerSecond = Number(process.env.REQUESTS_PER_SECOND ?? 40);
const contextBytes = 128 * 1024;
const contexts = [];
let served = 0;

// Whatever happens around it, this program never takes more than a gigabyte of your machine.
const mostContexts = (1024 * 1024 * 1024) / contextBytes;

function serveRequest() {
  if (contexts.length > mostContexts) process.exit(1);
  contexts.push(Buffer.alloc(contextBytes, served % 251));
  served += 1;
}

console.log(`payment starting, ${requestsPerSecond} requests a second`);
setInterval(() => {
  for (let count = 0; count < requestsPerSecond / 20; count++) serveRequest();
}, 50);
setInterval(() => console.log(`level=info msg="served" requests=${served} open_contexts=${contexts.length}`), 1000);
