# shellcheck shell=bash
# ./dev demo [--once]: the whole system on this machine, in one temporary folder, removed at the end.
# shellcheck source=scripts/build.sh
. scripts/build.sh
# shellcheck source=scripts/demo_cluster.sh
. scripts/demo_cluster.sh
# shellcheck source=scripts/demo_checks.sh
. scripts/demo_checks.sh
# shellcheck source=scripts/demo_reports.sh
. scripts/demo_reports.sh
# shellcheck source=scripts/demo_once.sh
. scripts/demo_once.sh

demo_show_addresses() {
    cat <<TEXT

  clinic NORTH  front desk  ${NODE_URL[front]}
                laptop      ${NODE_URL[laptop]}
                logins      admin@vetchart.example, vet@vetchart.example, staff@vetchart.example
  clinic SOUTH  front desk  ${NODE_URL[south]}   (three years of generated charts)
                login       admin@south.example
  central       $CENTRAL_URL   (CA: $DEMO_DIR/tls/ca.crt)
                psql '$DEMO_DB'
  everyone's password is: password

  DATABASE_URL='$DEMO_DB' build/release/vetchart-central report list

  curl -s -X POST ${NODE_URL[front]}/api/auth/login -H 'Content-Type: application/json' \\
       -d '{"username": "admin@vetchart.example", "password": "password"}'

  central is process ${DEMO_PIDS[central]}: kill it with SIGTERM to work offline; start it again with
       DATABASE_URL='$DEMO_DB' build/release/vetchart-central serve --listen ${CENTRAL_URL#https://} \\
           --tls-cert $DEMO_DIR/tls/central.crt --tls-key $DEMO_DIR/tls/central.key

TEXT
}

demo_command() {
    local once=no
    case ${1:-} in
        "") ;;
        --once) once=yes ;;
        *) die "usage: ./dev demo [--once]" ;;
    esac
    install_packages "${BUILD_PACKAGES[@]}" "${RUN_PACKAGES[@]}"
    build_programs
    demo_open
    demo_start_all
    if [ "$once" = yes ]; then
        demo_scenario
        return
    fi
    demo_show_reports
    demo_show_addresses
    say "running until Ctrl-C"
    trap 'say ""; say "stopping"; exit 0' INT TERM HUP
    while [ -n "$(jobs -pr)" ]; do wait -n || true; done
    die "every program has ended; see the logs above"
}
