/// The clinic's clock: the node's, corrected by what it measured against central. This browser's own may be as wrong as
/// it likes; days, "today" and "2 min ago" are the clinic's.

/// A difference as small as the time of a call counts as none.
const NOISE_MS = 2_000;

let skewMs = 0;

/// Takes note of the time that the node has just told.
export function hearNodeTime(instant: string | undefined): void {
    const skew = instant === undefined ? NaN : Date.parse(instant) - Date.now();
    if (Number.isNaN(skew)) return;
    skewMs = Math.abs(skew) < NOISE_MS ? 0 : skew;
}

export const nodeNow = (): number => Date.now() + skewMs;
