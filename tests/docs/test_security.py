"""Each promise of SECURITY.md is held by tests; this says by which."""

# ruff: noqa: E501 # names of tests are long

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
TEXT = (TESTS.parent / "SECURITY.md").read_text()
# How a paragraph, an item of a list or a table begins; files, and the tests in them.
HELD = {
    "**The text of a Space is hostile.**": "generator/test_hostile.py: no_document_becomes_code",
    "- Types are nodes of a closed set": "generator/rendering/test_annotations.py: literals_cannot_be_broken_out_of; "
    "generator/test_text.py: plain_is_printable_and_stable",
    "- Every written module is parsed again": "generator/rendering/test_verify.py: what_was_tampered_with_does_not",
    "- A name can mean one thing only": "generator/rendering/test_meaning.py: names_mean_what_they_meant",
    "- Work is bounded before it is done": "generator/reading/test_budget.py: "
    "what_repeats_itself_is_in_proportion_until_it_is_refused, what_is_written_out_is_never_refused; "
    "generator/test_text.py: markup_that_is_opened_and_never_closed_takes_time_in_proportion; "
    "generator/packages/test_write.py: names_cannot_leave_the_package",
    "- What is printed on a terminal": "generator/screen/test_terminal.py: no_command_reaches_a_terminal_or_a_log, "
    "no_answer_of_the_hub_reaches_a_terminal; generator/commands/test_completion.py: words_of_strangers_never_run; "
    "runtime/values/test_notebook.py: text_stays_text",
    "**A server's answer is data.**": "runtime/test_hostile.py: a_call_ends_with_a_result_or_an_error_of_ours, "
    "a_file_is_fetched_or_refused_whatever_happens_on_the_way, "
    "no_depth_of_an_answer_ends_in_an_error_of_python; "
    "runtime/test_saving.py: any_name_is_a_plain_one_on_every_system",
    "**Credentials go to the origin": "generator/fetching/test_credentials.py: credentials_stay_in_their_origin; "
    "generator/fetching/test_fetch.py: a_redirect_to_another_origin_is_an_error_that_names_both, "
    "a_token_that_was_only_found_goes_to_spaces_only; runtime/test_credentials.py: credentials_stay_in_their_origin, "
    "https_is_not_left_for_http; runtime/test_hostile.py: a_prefix_names_no_other_host; "
    "runtime/test_identity.py: no_token_of_the_machine_is_handed_to_the_app, "
    "no_token_goes_where_a_package_was_not_written_for",
    "| | the app that the user typed": "generator/fetching/test_credentials.py: security_md_says_who_gets_what",
    "This machine is `localhost`": "generator/drift/test_check.py: an_app_on_this_machine_gets_what_was_typed",
    "This holds for every request": "generator/fetching/test_fetch.py: no_document_comes_from_another_origin, "
    "a_login_that_redirects_gets_no_second_try",
    "`spacegen check` with a token": "generator/drift/test_check.py: "
    "a_manifest_gets_no_credentials_for_an_address_that_nobody_named",
    "- A `spacegen.json` may name any source": "generator/drift/test_check.py: "
    "a_manifest_gets_no_credentials_for_an_address_that_nobody_named, "
    "a_manifest_names_only_documents_of_its_repository",
    "- It may list any package in": "generator/commands/test_sync.py: what_makes_no_sense_is_one_line_and_code_2, "
    "a_listing_reads_no_file_but_documents_of_the_project, a_link_in_place_of_the_file_stays_in_the_repository",
    "- It may name any file": "generator/drift/test_check.py: a_manifest_names_only_files_of_its_package, "
    "only_plain_files_are_read; generator/packages/test_bounds.py: "
    "a_module_that_is_larger_than_any_that_is_written_is_altered, no_larger_module_is_written",
    "- It may bring a file together with its digest": "generator/drift/test_check.py: "
    "a_file_with_a_digest_of_its_own_is_not_the_same, a_package_whose_files_were_edited_is_altered, "
    "a_package_that_calls_another_address_than_its_manifest_says_is_altered",
    "- It may bring a file that Python imports instead": "generator/drift/test_check.py: "
    "a_file_that_is_imported_instead_of_a_written_one_alters_the_package, "
    "a_compiled_module_that_is_never_checked_alters_the_package, "
    "a_folder_elsewhere_that_is_imported_instead_alters_the_package, "
    "a_manifest_that_keeps_silent_about_a_module_is_altered, what_spacegen_never_wrote_is_told",
    "- Nothing of the package is imported": "generator/drift/test_check.py: "
    "text_of_a_space_is_no_command_of_a_workflow_or_a_terminal",
    "**A server cannot hold the generator up.**": "generator/test_hostile_servers.py: "
    "an_answer_without_end_ends_in_time, a_body_is_bounded_on_the_wire_and_after_decoding, "
    "too_many_values_are_refused_before_they_are_made; generator/fetching/test_fetch.py: a_server_that_drips",
    "**When a package is called**": "runtime/test_credentials.py: credentials_stay_in_their_origin, https_is_not_left_for_http",
    "| request | same origin": "runtime/test_credentials.py: security_md_says_the_same",
    "In an event of a Gradio app": "runtime/test_visitor.py: the_visitors_token_is_passed_on_to_spaces_alone",
    "A file that lies on another host": "runtime/test_credentials.py: a_file_of_another_host_is_fetched_by_a_stranger, "
    "the_hub_is_asked_without_what_is_the_spaces; "
    "runtime/test_places.py: a_space_on_the_internet_names_no_address_inside, other_addresses_are_fetched",
    "**Callers share nothing.**": "runtime/test_identity.py: users_of_one_app_share_no_login; "
    "runtime/test_places.py: no_cookie_of_a_server_is_an_error, cookies_of_a_server_do_not_pile_up; "
    "runtime/test_replicas.py: each_call_of_a_cold_burst_stays_where_its_join_was, "
    "all_calls_of_a_cold_burst_in_one_session_go_to_one_replica, all_calls_of_a_session_go_to_one_replica",
    "**A session hash is a secret.**": "runtime/test_faults.py: no_error_and_no_log_has_the_session_hash",
    "**A server cannot hold a call up.**": "runtime/test_bounds.py: the_limit_of_a_call_holds_against_a_trickle, "
    "the_limit_of_a_call_holds_over_tls, no_answer_takes_all_memory, "
    "a_preview_is_small_whatever_the_space_says_of_its_size",
    "**A server's text is never a local path.**": "runtime/test_provenance.py: what_a_server_said_is_not_opened_or_fetched, "
    "a_published_default_is_not_opened_or_fetched, what_the_caller_typed_is_opened_and_fetched, "
    "what_a_server_says_beside_its_results_is_not_opened_either; "
    "runtime/test_saving.py: a_name_that_the_space_chose_is_no_place_and_replaces_nothing; "
    "runtime/test_files.py: the_way_from_another_space_is_as_sure_as_any",
    "**Rows are the caller's words.**": "generator/batch/test_map.py: no_cell_reads_a_file_where_none_is_wanted, "
    "files_go_in_by_path_and_come_out_in_a_folder",
    "**A text beside a file is not a path either.**": "runtime/values/test_file_places.py: "
    "no_text_beside_a_file_or_in_its_place_is_read, a_string_in_a_files_own_place_is_that_file",
    "**A model may follow what it reads.**": "runtime/tools/test_files.py: nothing_outside_of_the_folder, "
    "no_way_leads_out_of_the_folder, nothing_is_fetched_from_this_machine, "
    "no_redirect_leads_to_a_private_address, a_name_that_changes_its_address_gains_nothing; "
    "runtime/tools/test_text.py: nothing_stays_hidden_and_nothing_else_is_lost, a_description_hides_nothing; "
    "generator/agents/test_mcp.py: tools_are_listed_without_a_request",
    "**`spacegen serve`**": "generator/serving/test_serve.py: the_command; "
    "adopt/test_files.py: code_names_no_files_to_read",
    "**A package that was already written is never lost.**": "generator/packages/test_killed.py: killed_at_every_step, "
    "killed_at_any_instant; generator/packages/test_write.py: a_folder_that_is_not_ours_is_left_alone",
}
TOLD = (
    "Please report",
    "The output names endpoints",
    "What is not defended against",
)
"""What promises nothing of the code."""


@cache
def functions(file: Path) -> set[str]:
    """The names of the tests in a file."""
    return {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)}


def parts() -> list[str]:
    """The paragraphs, items and tables of SECURITY.md."""
    blocks = [block for block in re.split(r"\n\s*\n|\n(?=- )", TEXT) if not block.startswith("#")]
    return [block.strip() for block in blocks if block.strip()]


@pytest.mark.parametrize("part", parts(), ids=lambda part: " ".join(re.findall(r"\w+", part)[:6]))
def test_a_promise_is_held_by_tests(part: str) -> None:
    found = [held for beginning, held in HELD.items() if part.startswith(beginning)]
    assert found or part.startswith(TOLD), "say which tests hold this"
    for named in ";".join(found).split(";") if found else ():
        file, names = named.split(":")
        for name in names.split(","):
            assert f"test_{name.strip()}" in functions(TESTS / file.strip())


def test_nothing_is_said_of_promises_that_are_not_made() -> None:
    assert [one for one in (*HELD, *TOLD) if not any(part.startswith(one) for part in parts())] == []
