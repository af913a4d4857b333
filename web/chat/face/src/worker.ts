// The worker in which the core runs. It hands it the database and the network,
// and carries calls between it and the page.
import "go-exec";
import { Disk } from "./disk";
import { Folder } from "./folder";
import { freight } from "./freight";
import { net, onLine } from "./net";

declare class Go {
  importObject: WebAssembly.Imports;
  run(i: WebAssembly.Instance): Promise<void>;
}
type Answer = (name: string, args: unknown, done: (problem: unknown, out: unknown) => void) => void;

const scope = self as unknown as DedicatedWorkerGlobalScope;
const tell = (what: string, v: unknown) => scope.postMessage({ what, v });

async function start(db: string) {
  // One tab at a time: two would use one ratchet twice.
  const alone = await new Promise<boolean>((good) => {
    navigator.locks.request("letterlock-" + db, { ifAvailable: true }, (lock) => {
      good(!!lock);
      return lock ? new Promise(() => {}) : undefined;
    });
  });
  if (!alone) return tell("taken", null);
  onLine((open) => tell("line", { open }));
  const ready = new Promise<Answer>((good) => {
    Object.assign(globalThis, { letterlockHost: { disk: new Disk(db), files: new Folder(db), net: { ...net, ...freight }, tell, ready: good } });
  });
  const go = new Go();
  const wasm = await WebAssembly.instantiateStreaming(fetch("core.wasm"), go.importObject);
  void go.run(wasm.instance).finally(() => tell("ended", null));
  const answer = await ready;
  scope.onmessage = ({ data: { id, name, args } }) => {
    answer(name, args, (problem, out) => scope.postMessage({ id, problem, out }));
  };
  tell("ready", null);
}

scope.onmessage = (e) => { void start(e.data.db).catch((x) => tell("broken", String(x))); };
