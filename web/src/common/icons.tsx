/// Line icons on a 24 grid, drawn for this app. They only stand beside words, so readers skip them.
const PATHS = {
    home: 'M4 11 12 4l8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z',
    calendar: 'M5 6h14a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1zM4 10h16M8 3v4M16 3v4',
    owners: 'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20c0-3.500 2.700-6 6-6s6 2.500 6 6M16 4.500a3.300 3.300 0 0 1 0 6.300M17.500 14.300c2.100.8 3.500 3 3.500 5.700',
    paw: 'M7.500 11.500c1 0 1.700-1 1.700-2.300S8.500 7 7.500 7s-1.700 1-1.700 2.200.7 2.300 1.700 2.300zM16.500 11.500c1 0 1.700-1 1.700-2.300S17.500 7 16.500 7s-1.700 1-1.700 2.200.7 2.300 1.700 2.300zM12 9c1 0 1.700-1.100 1.700-2.500S13 4 12 4s-1.700 1.100-1.700 2.500S11 9 12 9zM12 12c-3 0-5.300 2.600-5.300 5 0 1.600 1.200 2.400 2.600 2.200 1-.2 1.700-.5 2.700-.5s1.700.3 2.700.5c1.400.2 2.600-.6 2.600-2.200 0-2.400-2.300-5-5.300-5z',
    bill: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6',
    alert: 'M12 4 2.500 20h19zM12 10v4M12 17v.5',
    members: 'M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.500-7 8-7s8 3 8 7',
    gear: 'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM12 3v3M12 18v3M3 12h3M18 12h3M5.600 5.600l2.200 2.200M16.200 16.200l2.200 2.200M5.600 18.400l2.200-2.200M16.200 7.800l2.200-2.200',
    search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.500 4.500',
    plus: 'M12 5v14M5 12h14',
    close: 'M6 6l12 12M18 6 6 18',
    menu: 'M4 7h16M4 12h16M4 17h16',
    chevronLeft: 'M14.500 6 8.500 12l6 6',
    chevronRight: 'M9.500 6l6 6-6 6',
    chevronDown: 'M6 9.500l6 6 6-6',
    print: 'M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7z',
    edit: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
    trash: 'M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13',
    check: 'M5 12.500l4.500 4.500L19 7.500',
    clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2',
    record: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
    syringe: 'M14 5l5 5M16.500 7.500 8 16l-2 .5L4 20M8 16l-1.500-1.500L15 6M11 10l2 2',
    phone: 'M6 3h3l1.500 5-2 1.500c1 2.500 3 4.500 5.500 5.500l1.500-2 5 1.500v3c0 1.500-1.500 2.500-3 2.500C10.500 20 4 13.500 3.500 6 3.500 4.500 4.500 3 6 3z',
    mail: 'M3 6h18v12H3zM3 7l9 6 9-6',
    pin: 'M12 21s7-6.500 7-11.500a7 7 0 0 0-14 0C5 14.500 12 21 12 21zM12 12a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
    keyboard: 'M3 7h18v10H3zM7 10.500v.1M11 10.500v.1M15 10.500v.1M18 10.500v.1M8 14h8',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
    return (
        <svg
            class="icon"
            width={size}
            height={size}
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="1.800"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d={PATHS[name]} />
        </svg>
    );
}
