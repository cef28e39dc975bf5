//! What commands print, on both streams, and how they end; failures too.

#[test]
fn commands_print_what_the_transcripts_show() {
    trycmd::TestCases::new().case("fixtures/cli/*.trycmd");
}
