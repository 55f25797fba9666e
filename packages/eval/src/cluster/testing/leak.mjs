// A program for the tests of this folder: says what it sees, then keeps megabytes until something stops it.
console.log(`limit ${process.env.CACHE_LIMIT} home ${process.env.HOME}`);
const kept = [];
const step = Number(process.env.LEAK_MEGABYTES ?? 0);
setInterval(() => {
  if (step > 0) kept.push(Buffer.alloc(step * 1024 * 1024, 1));
}, 20);
