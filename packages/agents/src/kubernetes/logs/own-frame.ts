/** Frames of runtimes and libraries; what is left is the program's own. */
const FOREIGN =
  /node:internal|node_modules|\(internal\/|site-packages|dist-packages|\/usr\/(?:local\/)?lib\/|<frozen |\bjava\.|\bjavax\.|\bjakarta\.|\bsun\.|\bjdk\.|\bkotlin\.|org\.(?:springframework|apache|hibernate|eclipse|postgresql)|com\.(?:zaxxer|fasterxml|mysql|sun)\.|io\.(?:netty|grpc|vertx)|reactor\.|\/usr\/local\/go\/src|\/go\/pkg\/mod|^runtime\.|^panic\(|^goroutine |\bSystem\.|\bMicrosoft\.|\/gems\/|^Caused by|^Suppressed|^\.\.\. /;

/**
 * The frame of the program itself that is nearest to the failure, as written and at most 200 characters; undefined when there is none.
 * Python writes the newest frame last, all others first.
 */
export function ownFrame(frames: readonly string[]): string | undefined {
  const isPython = frames.some((frame) => /^File "/.test(frame));
  const positions = frames.filter((frame) => /^(?:at |File "|from |\/|in |\S+\.go:\d+)/.test(frame) || /:\d+/.test(frame));
  const own = positions.filter((frame) => !FOREIGN.test(frame));
  const chosen = isPython ? own.at(-1) : own[0];
  return chosen?.replace(/^at /, '').slice(0, 200);
}
