/// The clinic's clock: the node's, corrected by what it measured against central. This browser's own may be as wrong as
/// it likes; days, "today" and "2 min ago" are the clinic's.

/// A difference within the time of a call is none.
const NOISE_MS = 2_000;

let skewMs = 0;

/// What the node said its time is, just now.
export function hearNodeTime(instant: string | undefined): void {
    const skew = instant === undefined ? NaN : Date.parse(instant) - Date.now();
    if (Number.isNaN(skew)) return;
    skewMs = Math.abs(skew) < NOISE_MS ? 0 : skew;
}

export const nodeNow = (): number => Date.now() + skewMs;
