import { defineConfig } from 'vite';

// `vite` serves the sources and passes /api on to a running node: VETCHART_NODE=http://127.0.0.1:8080 npm run dev
const node = process.env.VETCHART_NODE ?? 'http://127.0.0.1:8080';

export default defineConfig({
    esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
    build: {
        target: 'es2021',
        assetsInlineLimit: 0,
        // The polyfill is an inline script in some browsers' eyes; every browser we serve preloads modules itself.
        modulePreload: { polyfill: false },
        manifest: false,
        rollupOptions: {
            output: { entryFileNames: 'assets/[name]-[hash].js', chunkFileNames: 'assets/[name]-[hash].js' },
        },
    },
    server: { proxy: { '/api': { target: node } } },
    preview: { proxy: { '/api': { target: node } } },
});
