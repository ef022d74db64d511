import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Loading } from './parts';

/// A page takes the parameters of its address.
export interface PageProps {
    params: Record<string, string>;
}

export type Page = ComponentType<PageProps>;

/// A page whose code is fetched when it is opened.
export function later(load: () => Promise<Page>): Page {
    let loaded: Page | null = null;
    return function Later(props: PageProps) {
        const [, draw] = useState(0);
        useEffect(() => {
            if (loaded !== null) return;
            load().then(
                (page) => {
                    loaded = page;
                    draw(1);
                },
                // The node was upgraded under an open page: the files it asks for have new names now.
                () => location.reload(),
            );
        }, []);
        return loaded === null ? <Loading /> : <LoadedPage page={loaded} {...props} />;
    };
}

const LoadedPage = ({ page: PageOf, ...props }: PageProps & { page: Page }) => <PageOf {...props} />;
