import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';

/** Stands between a client and a server and cuts connections at the worst moment. */
export interface CuttingProxy {
  readonly port: number;
  /** The next data of a client that holds `text` is passed on; its answer is not: the connection is cut instead. */
  cutAnswerTo(text: string): void;
  /** The next data of a client that holds `text` is not passed on: the connection is cut instead. */
  cutBefore(text: string): void;
  close(): Promise<void>;
}

export async function createCuttingProxy(serverPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let cut: { readonly text: string; readonly after: boolean } | undefined;
  const proxy = createServer((client) => {
    const server = dial(serverPort, '127.0.0.1');
    const both = [client, server];
    const end = () => {
      for (const socket of both) socket.destroy();
    };
    let isCut = false;
    for (const socket of both) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (data) => {
      if (cut && data.includes(cut.text)) {
        isCut = cut.after;
        cut = undefined;
        if (!isCut) return end();
      }
      server.write(data);
    });
    server.on('data', (data) => (isCut ? end() : client.write(data)));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    port: (proxy.address() as { readonly port: number }).port,
    cutAnswerTo: (text) => {
      cut = { text, after: true };
    },
    cutBefore: (text) => {
      cut = { text, after: false };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
