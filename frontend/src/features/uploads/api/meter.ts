const WINDOW_MS = 4000;
const LEAST_MS = 500;

/** How fast bytes go, over the last seconds: a speed since the start would be wrong after every pause. */
export class Meter {
  #samples: Array<[at: number, bytes: number]> = [];

  /** Notes that `bytes` are sent at `now` (ms); bytes a second, or null before it can be told. */
  note(bytes: number, now: number): number | null {
    const last = this.#samples.at(-1);
    if (last && bytes < last[1]) this.#samples = [];
    this.#samples.push([now, bytes]);
    while (this.#samples.length > 2 && now - this.#samples[1]![0] > WINDOW_MS) this.#samples.shift();
    const [from, sent] = this.#samples[0]!;
    return now - from >= LEAST_MS ? ((bytes - sent) / (now - from)) * 1000 : null;
  }
}
