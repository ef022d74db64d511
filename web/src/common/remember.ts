/// The browser keeps these choices, and nothing of the business.
export type Preference = 'language' | 'theme' | 'paper' | 'keys';

export function remember(name: Preference, value: string): void {
    try {
        localStorage.setItem('vetchart.' + name, value);
    } catch {
        // In a browser that keeps nothing the choice is made again the next time.
    }
}

export function recall(name: Preference): string | null {
    try {
        return localStorage.getItem('vetchart.' + name);
    } catch {
        return null;
    }
}
