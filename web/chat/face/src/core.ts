// The page's end of the worker.

export type Problem = { kind: string; say: string; form: string; filled: string[]; tells?: boolean };
export class Refusal extends Error {
  constructor(public problem: Problem) { super(problem.say); }
}

// Trusted Types: these are the only two scripts that the page ever starts.
const scripts = "trustedTypes" in window
  ? (window as any).trustedTypes.createPolicy("letterlock", { createScriptURL: (s: string) => { if (s !== "worker.js" && s !== "sw.js") throw new TypeError("no script of ours"); return s; } })
  : { createScriptURL: (s: string) => s };
export const script = (name: "worker.js" | "sw.js"): string => scripts.createScriptURL(name);

type Told = (v: any) => void;

export class Core {
  private worker: Worker;
  private next = 0;
  private waiting = new Map<number, { good: (v: any) => void; bad: (e: Error) => void }>();
  private listeners = new Map<string, Told>();

  constructor(db = "letterlock") {
    this.worker = new Worker(script("worker.js"));
    this.worker.onmessage = ({ data }) => {
      if (data.what) return this.listeners.get(data.what)?.(data.v);
      const w = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (data.problem) w?.bad(new Refusal(data.problem));
      else w?.good(data.out);
    };
    this.worker.onerror = (e) => { e.preventDefault(); this.listeners.get("broken")?.(e.message); };
    this.worker.postMessage({ db });
  }

  on(what: string, f: Told): this { this.listeners.set(what, f); return this; }

  ask<T = any>(name: string, args: object = {}): Promise<T> {
    const id = ++this.next;
    return new Promise((good, bad) => {
      this.waiting.set(id, { good, bad });
      this.worker.postMessage({ id, name, args });
    });
  }

  // end is what locking is: keys and messages go with the worker's memory.
  end() { this.worker.terminate(); }
}
