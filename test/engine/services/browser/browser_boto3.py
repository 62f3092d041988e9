"""Browsers, profiles and sessions, by an unmodified boto3. The endpoint and keys come from the environment."""

import json

import boto3

control = boto3.client("bedrock-agentcore-control")
data = boto3.client("bedrock-agentcore")

browser = control.create_browser(name="boto", networkConfiguration={"networkMode": "PUBLIC"}, tags={"team": "a"})
got = control.get_browser(browserId=browser["browserId"])
profile = control.create_browser_profile(name="boto")
session = data.start_browser_session(
    browserIdentifier=browser["browserId"],
    name="mine",
    sessionTimeoutSeconds=600,
    viewPort={"width": 800, "height": 600},
    profileConfiguration={"profileIdentifier": profile["profileId"]},
)
at = {"browserIdentifier": browser["browserId"], "sessionId": session["sessionId"]}
picture = data.invoke_browser(**at, action={"screenshot": {"format": "PNG"}})
typed = data.invoke_browser(**at, action={"keyPress": {"key": "enter"}})
saved = data.save_browser_session_profile(profileIdentifier=profile["profileId"], **at)
data.stop_browser_session(**at)
after = data.get_browser_session(**at)
try:
    data.invoke_browser(**at, action={"screenshot": {}})
except data.exceptions.ResourceNotFoundException as error:
    ended = error.response["Error"]["Message"]
listed = control.list_browser_profiles()["profileSummaries"]
browsers = control.list_browsers(type="CUSTOM")["browserSummaries"]
deleted = control.delete_browser_profile(profileId=profile["profileId"])["status"]
control.delete_browser(browserId=browser["browserId"])

print(
    json.dumps(
        {
            "browser": [got["status"], got["name"]],
            "picture": [picture["sessionId"] == session["sessionId"], picture["result"]["screenshot"]["data"][:4].hex()],
            "typed": typed["result"],
            "saved": saved["profileIdentifier"] == profile["profileId"],
            "after": [after["status"], after["name"], after["viewPort"], after["sessionTimeoutSeconds"]],
            "profile": after["profileConfiguration"]["profileIdentifier"] == profile["profileId"],
            "ended": "it was stopped" in ended,
            "listed": [one["lastSavedBrowserSessionId"] == session["sessionId"] for one in listed],
            "browsers": [one["name"] for one in browsers],
            "deleted": deleted,
        }
    )
)
